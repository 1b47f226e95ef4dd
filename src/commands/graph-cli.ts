#!/usr/bin/env node
import { Command } from 'commander';
import { version } from '../version.ts';
import { graphCommand } from './graph.ts';

// The flags of the Perl pingmachine's program of this name.
await new Command('pingmachine-graph')
	.description('Draws the graph of an order. pingmachine graph does the same and more.')
	.version(version)
	.requiredOption('-i, --id <id>', 'the order, or the beginning of its id')
	.option('-p, --period <period>', 'day, week, month, year or a number of seconds (default: day)')
	.option(
		'-o, --out <file>',
		'file to write or replace: SVG if it ends in .svg, else PNG (default: ID.png, which must not exist)',
	)
	.option('--basedir <dir>', 'holds output/ and archive/', '/var/lib/pingmachine')
	.addHelpText(
		'after',
		'\nExit code: 0 when it was drawn, 1 when that was not possible; the reason is on standard error.',
	)
	.showHelpAfterError('(pingmachine-graph --help tells what there is)')
	.action(async ({ id, ...options }: { id: string; basedir: string; period?: string; out?: string }) => {
		process.stdout.on('error', () => {});
		process.exitCode = await graphCommand([id], { ...options, kind: 'png' }, process);
	})
	.parseAsync();
