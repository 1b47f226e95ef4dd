#!/usr/bin/env node
import { runQuick } from '../quick.ts';

if (!(await runQuick('status-bin'))) await import('./bin-main.ts');
