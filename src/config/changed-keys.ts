import type { Config } from './config.ts';

/** The keys, as they are called in the file, in which two configs differ. */
export interface ConfigChanges {
	/** These can change while the daemon runs. */
	readonly applied: readonly string[];
	/** These take effect at the next start. */
	readonly needRestart: readonly string[];
}

/** Compares the config that the daemon runs with to the one that was read anew. */
export function changedKeys(before: Config, after: Config): ConfigChanges {
	const { probes: oldProbes, ...oldKeys } = before;
	const { probes: newProbes, ...newKeys } = after;
	const changed = differences(oldKeys, newKeys).map((key) => namesInFile[key as keyof typeof namesInFile]);
	const changedProbes = differences(oldProbes, newProbes).map((name) => `probes.${name}`);
	return {
		applied: [...changed.filter((key) => !fixedKeys.has(key)), ...changedProbes],
		needRestart: changed.filter((key) => fixedKeys.has(key)),
	};
}

const namesInFile = {
	baseDir: 'basedir',
	maxAgeSeconds: 'max_age',
	user: 'user',
	logLevel: 'log_level',
	logFormat: 'log_format',
	namesKeepSeconds: 'names_keep',
	histograms: 'histograms_keep',
	slotsKeepSeconds: 'slots_keep',
	limits: 'limits',
	web: 'web',
	defaults: 'defaults',
	targets: 'targets',
	archive: 'archive_max_age and archive_max_size',
	rrdTemplate: 'rrd.template',
	probeModules: 'probes (modules)',
	sinkModules: 'sinks (modules)',
	hub: 'hub',
	pop: 'pop',
	guard: 'guard',
	notifiers: 'notifiers',
	groupWaitSeconds: 'group_wait',
	heartbeat: 'heartbeat',
	sinks: 'sinks',
} as const;

const fixedKeys: ReadonlySet<string> = new Set([
	'basedir',
	'user',
	'log_format',
	'rrd.template',
	'probes (modules)',
	'sinks (modules)',
	'hub',
	'pop',
]);

function differences(before: object, after: object): string[] {
	const old = new Map(Object.entries(before));
	return Object.entries(after)
		.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(old.get(key)))
		.map(([key]) => key);
}
