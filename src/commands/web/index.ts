import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { ConfigError, loadConfig } from '../../config/config.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { readWebSetting } from '../../config/web-setting.ts';
import type { WebOrder, WebReport } from '../../daemon/web-child.ts';
import { createLog } from '../../host/log.ts';
import { version } from '../../host/version.ts';
import type { LogFormat, LogLevel } from '../../model/log.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { builtInSinks } from '../../sinks/index.ts';
import type { RunningWeb } from '../../web/serve.ts';

import { baseDirOverConfig } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import { explainingFor } from './explaining.ts';
import { registerToken } from './token.ts';

interface WebCommandOptions {
	readonly basedir?: string;
	readonly config?: string;
	readonly listen?: readonly string[];
	/** Started by the daemon, which tells the rest. */
	readonly child?: boolean;
}

/** Adds the command `web` to the program. */
export function registerWeb(program: Command, probes: ProbeTable): void {
	const web = program
		.command('web')
		.summary('serve metrics, pages and the API of a base directory')
		.description(
			'Serves a base directory over HTTP until SIGTERM or SIGINT, and changes nothing. The daemon starts it by itself ' +
				'when web: stands in its config; by itself it also serves a copy.',
		)
		.addOption(baseDirOverConfig('holds orders/ and output/ (default: /var/lib/pingmachine)'))
		.addOption(configOption())
		.option('--listen <address...>', 'instead of what the config says: 127.0.0.1:9922, [::]:9922, unix:/PATH')
		.addHelpText('after', help)
		.action(async (options: WebCommandOptions) => {
			process.exitCode = await runWeb(options, probes);
		});
	web.addOption(web.createOption('--child', 'started by the daemon').hideHelp());
	registerToken(web);
}

const help = `
Examples:
  pingmachine web --basedir /tmp/copy-of-pingmachine
  pingmachine web --listen 127.0.0.1:9923 --config /etc/pingmachine/pingmachine.yaml
  pingmachine web token grafana --scope read --file /etc/pingmachine/tokens`;

async function runWeb(options: WebCommandOptions, probes: ProbeTable): Promise<number> {
	return options.child === true ? serveForDaemon(options, probes) : serveAlone(options, probes);
}

async function serveAlone(options: WebCommandOptions, probes: ProbeTable): Promise<number> {
	const { basedir, config: file, listen } = options;
	try {
		const { sinks, faults } = await loadSinks(file, builtInSinks);
		if (faults.length > 0) throw new ConfigError(faults);
		const config = loadConfig({ file, flags: { basedir }, probes, sinks });
		const settings = settingsOf(config, listen);
		const log = createLog({ level: config.logLevel, format: config.logFormat });
		const ended = new Promise<void>((resolve) => {
			process.on('SIGTERM', () => resolve()).on('SIGINT', () => resolve());
		});
		const web = await (await import('../../web/serve.ts')).serveWeb({
			...{ baseDir: config.baseDir, version, settings, probes, log, isAlone: true },
			explain: explainingFor({ ...config, probes, log }),
		});
		log.info(`web: listens on ${web.addresses.join(', ')}, base directory ${config.baseDir}`);
		await ended;
		web.close();
		await log.close();
		return 0;
	} catch (error) {
		const lines = error instanceof ConfigError ? error.lines : [(error as Error).message];
		process.stderr.write(`${lines.map((line) => `pingmachine web: ${line}`).join('\n')}\n`);
		return 1;
	}
}

function settingsOf({ web }: Config, listen: readonly string[] | undefined) {
	if (listen === undefined && web !== null) return web;
	const tokens = web?.tokensFile ?? undefined;
	const read = readWebSetting({
		...(listen === undefined ? {} : { listen: [...listen] }),
		...(tokens === undefined ? {} : { tokens_file: tokens }),
	});
	if ('findings' in read) throw new ConfigError(read.findings.map(({ message }) => `--listen: ${message}`));
	return web === null ? read.value : { ...web, listen: read.value.listen, public: read.value.public };
}

/** Serves as the daemon says, and ends with it. */
async function serveForDaemon({ basedir = '' }: WebCommandOptions, probes: ProbeTable): Promise<number> {
	const report = (told: WebReport) => process.send?.(told);
	const order = await new Promise<WebOrder>((resolve) =>
		process.once('message', (told) => resolve(told as WebOrder)),
	);
	const log = logOf(order.logLevel, order.logFormat);
	const ended = new Promise<void>((resolve) => {
		process.on('disconnect', resolve).on('SIGTERM', () => resolve());
		// Of the whole group at the terminal: the daemon says when it is over.
		process.on('SIGINT', () => {});
		process.on('SIGHUP', () => {});
	});
	let web: RunningWeb;
	try {
		web = await (await import('../../web/serve.ts')).serveWeb({
			...{ baseDir: basedir, version, settings: order.web, probes, log, isAlone: false },
			explain: explainingFor({ ...order, baseDir: basedir, probes, log }),
		});
	} catch (error) {
		report({ fault: (error as Error).message });
		await log.close();
		process.disconnect?.();
		return 1;
	}
	report({ addresses: web.addresses });
	await ended;
	web.close();
	await log.close();
	// Whoever is still being answered does not keep it.
	setTimeout(() => process.exit(0), 500).unref();
	return 0;
}

function logOf(level: LogLevel, format: LogFormat) {
	return createLog({ level, format });
}
