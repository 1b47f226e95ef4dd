import { Command } from 'commander';
import { version } from '../../host/version.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { exitCodes, graphCommand, ownSurroundings } from './index.ts';
import { type GraphOptions, periodOption } from './options.ts';

/** `pingmachine-graph`, with the flags of the Perl pingmachine's program of this name. */
export function graphProgram(probes: ProbeTable): Command {
	return new Command('pingmachine-graph')
		.description('Draws the graph of an order. pingmachine graph does the same and more.')
		.version(version)
		.requiredOption('-i, --id <id>', 'the order, or the beginning of its id')
		.addOption(periodOption('-p, --period <period>'))
		.option(
			'-o, --out <file>',
			'file to write or replace: SVG if it ends in .svg, else PNG (default: ID.png, which must not exist)',
		)
		.addOption(baseDirOption('holds output/ and archive/'))
		.addHelpText('after', exitCodes)
		.showHelpAfterError('(pingmachine-graph --help tells what there is)')
		.action(async ({ id, ...options }: GraphOptions & { id: string }) => {
			process.exitCode = await graphCommand([id], { ...options, kind: 'png' }, ownSurroundings(probes));
		});
}
