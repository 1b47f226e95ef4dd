import type { Command } from 'commander';
import type { ProbeTable } from '../../model/probe.ts';
import { setUpSink } from './setup.ts';

/** Adds the command `sink` to the program. */
export function registerSink(program: Command, probes: ProbeTable): void {
	program
		.command('sink')
		.summary('make ready where results also go')
		.description('Makes ready the servers that the sinks of the config file write to. Needs no daemon.')
		.command('setup')
		.summary('install at the other end what a sink needs there')
		.description(
			'Installs at the other end what a sink needs there: of Elasticsearch and OpenSearch the template, what deletes old results, and the data stream. What is there already is left alone.',
		)
		.argument('<name>', 'of the sink: its name: in the config, or as pingmachine status --sinks shows it')
		.option(
			'--config <file>',
			'of the daemon, which names the sink (default: /etc/pingmachine/pingmachine.yaml)',
		)
		.option('--dry-run', 'only say what would be made')
		.addHelpText('after', help)
		.action(async (name: string, options: { readonly config?: string; readonly dryRun?: boolean }) => {
			process.stdout.on('error', () => {});
			process.exitCode = await setUpSink(name, options, probes, process);
		});
}

const help = `
Exit code: 0 when all is there, 1 when something went wrong.

Examples:
  pingmachine sink setup search --dry-run
  pingmachine sink setup search --config /etc/pingmachine/pingmachine.yaml`;
