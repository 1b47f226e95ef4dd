#!/usr/bin/env node
import { graphProgram } from './program.ts';

await graphProgram().parseAsync();
