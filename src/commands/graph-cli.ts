#!/usr/bin/env node
import { graphProgram } from './graph-program.ts';

await graphProgram().parseAsync();
