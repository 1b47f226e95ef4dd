/** Run by the build: makes the manual pages, in dist/man. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { commandLine, olderPrograms } from '../command-line.ts';
import { commandTree } from '../shared/command-tree.ts';
import { commandPages } from './command-page.ts';
import { manPage } from './page.ts';

const main = commandTree(commandLine());
const older = olderPrograms().map((program) => commandTree(program));
const folder = new URL('../../../man/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, page] of [['pingmachine', manPage(main, older)] as const, ...commandPages(main, older)])
	writeFileSync(new URL(`${name}.1`, folder), page);
