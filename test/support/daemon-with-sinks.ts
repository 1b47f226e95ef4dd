/** The daemon, as cli.ts runs it, with the sinks of a test. Arguments: folder of the product, module of the sinks. */
import { parseArgs } from 'node:util';
import type { SinkTable } from '../../src/model/sink.ts';

const { values, positionals } = parseArgs({
	options: { basedir: { type: 'string' }, config: { type: 'string' } },
	allowPositionals: true,
});
const [product = '', sinkModule = ''] = positionals;

/** The compiled product, not a copy of it. */
const load = (module: string) => import(new URL(module, product).href);
const { builtInProbes } = (await load('probes/index.js')) as typeof import('../../probes/index.ts');
const { loadConfig } = (await load('src/config/config.js')) as typeof import('../../src/config/config.ts');
const { runDaemon } = (await load('src/daemon/daemon.js')) as typeof import('../../src/daemon/daemon.ts');
const { createLog } = (await load('src/host/log.js')) as typeof import('../../src/host/log.ts');
const { builtInSinks: sinks } = (await import(sinkModule)) as { readonly builtInSinks: SinkTable };

const probes = builtInProbes;
const reloadConfig = () =>
	loadConfig({ file: values.config, flags: { basedir: values.basedir }, probes, sinks });
const log = createLog({ level: 'debug', format: 'text' });
const parts = {
	config: reloadConfig(),
	log,
	probes,
	sinkModule: new URL(sinkModule),
	notifierModule: new URL('src/alerts/notifiers/index.js', product),
	user: null,
	web: { configFile: undefined, program: '' },
	reloadConfig,
};
process.exitCode = await runDaemon(parts);
await log.close();
