import { closeSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { builtInProbes } from '../../../probes/index.ts';
import { builtInNotifiers } from '../../alerts/notifiers/index.ts';
import { ConfigError, loadConfig } from '../../config/config.ts';
import type { ConfigFlags } from '../../config/flags.ts';
import { loadProbes } from '../../config/known-probes.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { makeBaseDir } from '../../host/base-dir.ts';
import { createLog } from '../../host/log.ts';
import { mustBecome, startAgainAs, systemUser, takeHandedFile } from '../../host/privileges.ts';
import { keepHeapsSmall } from '../../host/small-heaps.ts';
import { StartError } from '../../host/start-error.ts';
import { logFormats, logLevels } from '../../model/log.ts';
import { builtInSinks } from '../../sinks/index.ts';
import { baseDirOverConfig } from '../shared/base-dir-option.ts';
import { choice } from '../shared/option-choices.ts';

export function registerRun(program: Command): void {
	program
		.command('run')
		.description('run the daemon until SIGTERM or SIGINT; SIGHUP reads the config file again')
		.addOption(
			baseDirOverConfig('holds orders/, telegraf/, output/, archive/ (default: /var/lib/pingmachine)'),
		)
		.option('--config <file>', 'settings; flags win over them')
		.option(
			'--max-age <span>',
			'archive orders not refreshed for so long, seconds, 2h or never (default: 3660)',
		)
		.option('--telegraf <host:port>', 'also send results there, by UDP in Influx line protocol')
		.option('--user <account>', 'become this user after starting as root')
		.addOption(choice('--log-level <level>', 'how much is logged (default: info)', logLevels))
		.addOption(choice('--log-format <format>', 'of log lines (default: auto)', logFormats))
		.addHelpText(
			'after',
			`
Examples:
  pingmachine run --basedir /tmp/try
  pingmachine run --config /etc/pingmachine/pingmachine.yaml --log-level debug`,
		)
		.action(async ({ config: file, ...flags }: ConfigFlags & { config?: string }) => {
			process.exitCode = await run(file, flags);
			endForSure();
		});
}

async function run(file: string | undefined, flags: ConfigFlags): Promise<number> {
	try {
		// The daemon leaves this folder, and reads its config again later.
		const configFile = absolute(file);
		const handed = handedText();
		const { probes, faults } = await loadProbes(configFile, builtInProbes, handed);
		const { sinks, faults: sinkFaults } = await loadSinks(configFile, builtInSinks, handed);
		const sources = {
			file: configFile,
			flags: { ...flags, basedir: absolute(flags.basedir) },
			probes,
			sinks,
			notifiers: builtInNotifiers,
		};
		const sinkModule = new URL('../../sinks/index.js', import.meta.url);
		const notifierModule = new URL('../../alerts/notifiers/index.js', import.meta.url);
		if (faults.length + sinkFaults.length > 0) throw new ConfigError([...faults, ...sinkFaults]);
		const config = loadConfig({ ...sources, text: handed });
		if (config.user !== null) become(config.user, config.baseDir, configFile);
		keepHeapsSmall();
		const log = createLog({ level: config.logLevel, format: config.logFormat });
		try {
			const reloadConfig = () => loadConfig(sources);
			const web = { configFile, program: fileURLToPath(new URL('../../cli.js', import.meta.url)) };
			// Loaded by who needs it: all other commands start sooner.
			const { runDaemon } = await import('../../daemon/daemon.ts');
			return await runDaemon({ config, log, probes, sinkModule, notifierModule, web, reloadConfig });
		} finally {
			await log.close();
		}
	} catch (error) {
		process.stderr.write(`${linesOf(error).join('\n')}\n`);
		return 1;
	}
}

/** What root has read of the config file before this process became another user's, who may not be able to read it. */
function handedText(): Uint8Array | undefined {
	const fd = takeHandedFile();
	if (fd === undefined) return undefined;
	try {
		return readFileSync(fd);
	} finally {
		closeSync(fd);
	}
}

/** Returns when this process is that user's. */
function become(name: string, baseDir: string, configFile: string | undefined): void {
	const user = systemUser(name);
	if (!mustBecome(user)) return;
	makeBaseDir(baseDir, user);
	startAgainAs(user, { baseDir, configFile });
}

/**
 * Everything is written and said. A look-up of a name cannot be given up, though, and Node waits for it even in
 * `exit`: then a signal has to do, which systemd takes for a clean end too.
 */
function endForSure(): void {
	setTimeout(() => process.removeAllListeners('SIGTERM').kill(process.pid, 'SIGTERM'), 1000).unref();
}

function absolute(path: string | undefined): string | undefined {
	return path === undefined || path === '' ? path : resolve(path);
}

/** What went wrong, for the user; with the stack if it is a fault of ours. */
function linesOf(error: unknown): readonly string[] {
	if (error instanceof ConfigError) return error.lines;
	if (error instanceof StartError) return [error.message];
	return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
