#!/usr/bin/env node
import { runQuick } from '../quick.ts';

if (!(await runQuick('mpcli-bin'))) await import('./bin-main.ts');
