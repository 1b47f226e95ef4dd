import type { Command } from 'commander';
import type { ProbeTable } from '../../model/probe.ts';
import { timeForms } from '../../model/time-point.ts';
import type { ReplayOptions } from './run.ts';

/** Adds the command `replay` to the program. */
export function registerReplay(program: Command, probes: ProbeTable): void {
	program
		.command('replay')
		.summary('read results from Kafka again')
		.description(
			'Reads results of points of presence from Kafka again, as far as the brokers still have them, into a new tree of RRDs or into a sink. It changes nothing in the base directory of the daemon, and needs none that runs.',
		)
		.requiredOption('--from <time>', 'the first slot begins then or later')
		.requiredOption('--to <time>', 'the last slot begins before')
		.option(
			'--orders <glob>',
			'which orders, or what points of presence measured: core/**, core/router/@zrh',
			'**',
		)
		.option('--into <dir>', 'a new folder, or one of an earlier replay: results go below output/ there')
		.option('--sink <name>', 'of a sink in the config, which gets them again')
		.option('--topic <name...>', 'topics of results (default: those of hub: kafka: in the config)')
		.option('--config <file>', 'of the hub (default: /etc/pingmachine/pingmachine.yaml)')
		.addHelpText('after', help)
		.action(async (options: ReplayOptions) => {
			const { replay } = await import('./run.ts');
			process.stdout.on('error', () => {});
			process.exitCode = await replay(options, probes, process);
		});
}

const help = `
TIME is ${timeForms}.

Each slot of each order and point of presence is taken once, in order; run again with the same folder it goes on where
it was. A sink gets what it was given before once more: Elasticsearch, OpenSearch and InfluxDB keep one of each, others
keep both.

Exit code: 0 when all was read, 1 when something went wrong; what was taken by then stays.

Examples:
  pingmachine replay --from -7d --to now --orders 'core/**' --into /srv/replayed
  pingmachine replay --from 2026-11-01 --to 2026-11-02 --sink search`;
