#!/usr/bin/env node
import { runQuick } from '../quick.ts';

if (!(await runQuick('graph-bin'))) await import('./bin-main.ts');
