import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

import { describeFinding, inWords, notKnown } from '../model/findings.ts';
import type { LogFormat, LogLevel } from '../model/log.ts';
import type { NotifierTable } from '../model/notifier.ts';
import type { HeartbeatSetting, NotifierEntry } from '../model/notifier-entry.ts';
import type { OrderFinding } from '../model/order.ts';
import type { ProbeTable } from '../model/probe.ts';
import { type RrdTemplate, rrdTemplates } from '../model/rrd-template.ts';
import type { SinkTable } from '../model/sink.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import { wholeSeconds } from '../model/span.ts';
import type { OrderDefaults } from '../orders/lists/defaults.ts';
import type { ListSetting } from '../orders/lists/kept-lists.ts';
import { readStrict } from '../reading/strict-section.ts';
import type { Mapping } from '../reading/yaml-mapping.ts';
import { keepSpan, notSeconds, size, span } from './amount-settings.ts';
import { readConfigRoot } from './config-text.ts';
import { defaultsSetting } from './defaults-setting.ts';
import { describeConfigFinding, type Environment, type Filled, fill, withTyped } from './environment.ts';
import { type ConfigFlags, general, given, readFlags } from './flags.ts';
import { type HubSettings, hubSetting } from './hub-setting.ts';
import { keyTreeOf, withKeys } from './key-tree.ts';
import { type LimitsSetting, limitsSetting, usualLimitsSetting } from './limits-setting.ts';
import { groupWaitSetting, heartbeatSetting, readNotifiers } from './notifier-config.ts';
import { type PopSettings, popSetting } from './pop-setting.ts';
import { readProbesSetting } from './probes-setting.ts';
import { readSinks, sinkModulesIn } from './sink-config.ts';
import { unknownFacts } from './sink-facts.ts';
import { targetsSetting } from './targets-setting.ts';
import { usualBaseDir } from './usual-base-dir.ts';
import { type WebSettings, webSetting } from './web-setting.ts';

/** How the daemon is to run. */
export interface Config {
	/** Absolute path. */
	readonly baseDir: string;
	/** An order whose file was last changed or touched longer ago than this is archived. Null: none is. */
	readonly maxAgeSeconds: number | null;
	/** Whom to become: name or number of a user. Null: stay who we are. */
	readonly user: string | null;
	readonly logLevel: LogLevel;
	readonly logFormat: LogFormat;
	/** What main.rrd keeps, of orders that do not say. */
	readonly rrdTemplate: RrdTemplate;
	/** How long the last good address of a name is used while the name service does not answer; 0: never. */
	readonly namesKeepSeconds: number;
	/** How much the orders of each user may be. */
	readonly limits: LimitsSetting;
	/** How long histograms of hours and of days are kept, seconds. */
	readonly histograms: { readonly hoursSeconds: number; readonly daysSeconds: number };
	/** How long single slots are kept, of orders that do not say. */
	readonly slotsKeepSeconds: number;
	readonly archive: { readonly maxAgeSeconds: number | null; readonly maxBytes: number | null };
	/** Of every probe, by its name: what its own schema made of its settings. */
	readonly probes: Readonly<Record<string, unknown>>;
	/** Paths of the modules that bring probes which are not ours. */
	readonly probeModules: readonly string[];
	/** Paths of the modules that bring sinks which are not ours. */
	readonly sinkModules: readonly string[];
	/** What orders say that are made from targets, where those do not say it. */
	readonly defaults: Partial<OrderDefaults>;
	/** Lists whose orders we keep. */
	readonly targets: readonly ListSetting[];
	/** How the web server is to run; null: there is none. */
	readonly web: WebSettings | null;
	/** How points of presence are joined; null: this is no hub. */
	readonly hub: HubSettings | null;
	/** The hub that this is a point of presence of; null: none. */
	readonly pop: PopSettings | null;
	/** The orders that tell whether this machine is cut off, when all of them are lost. */
	readonly guard: readonly string[];
	/** Who is told of alerts. */
	readonly notifiers: readonly NotifierEntry[];
	/** How long messages of alerts wait for others to share them. */
	readonly groupWaitSeconds: number;
	readonly heartbeat: HeartbeatSetting | null;
	/** Where measurements also go. */
	readonly sinks: readonly SinkEntry[];
}

export interface ConfigSources {
	/** Path of the config file, if there is one. */
	readonly file?: string | undefined;
	/** What is in it, if it has been read. */
	readonly text?: Uint8Array | undefined;
	readonly flags: ConfigFlags;
	/** By default that of this process. */
	readonly environment?: Environment;
	readonly probes: ProbeTable;
	readonly sinks: SinkTable;
	/** Left out by those who do not care whom alerts are told. */
	readonly notifiers?: NotifierTable;
}

/** Something is wrong with the config file or the command line. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	/** Each says what is wrong, in which file and line or at which key or flag, and what to write instead. */
	readonly lines: readonly string[];

	constructor(lines: readonly string[]) {
		super(lines.join(' | '));
		this.lines = lines;
	}
}

/**
 * Reads the config file, puts what the environment says over it, and the flags on top. Throws `ConfigError` with all that
 * is wrong.
 */
export function loadConfig({ file, text, flags, probes, sinks: table, ...others }: ConfigSources): Config {
	const typed = readFlags(flags);
	const filled = readFilled(file, text, probes, others.environment ?? process.env);
	const read = (mapping: Mapping) => {
		const written = readKeys(mapping, probes);
		const sinks = readSinks(written.sinks, flags.telegraf, table);
		const notifiers = readNotifiers(written.values.notifiers, others.notifiers);
		const ofSinks = [...sinks.fileFindings, ...unknownFacts(sinks.entries, probes)];
		const findings = [...written.findings, ...ofSinks, ...notifiers.findings];
		return { written, sinks, notifiers, findings };
	};
	let { written, sinks, notifiers, findings } = read(filled.mapping);
	// Variables are texts: where none is wanted, they are what YAML would make of them.
	const notTexts = findings.flatMap(({ key = '' }) => (filled.origins.has(key) ? [key] : []));
	if (notTexts.length > 0) ({ written, sinks, notifiers, findings } = read(withTyped(filled, notTexts)));
	const lines = [
		...[...typed.findings, ...sinks.flagFindings].map(describeFinding),
		...[...filled.findings, ...findings].map((finding) =>
			describeConfigFinding(file, finding, filled.origins),
		),
	];
	if (lines.length > 0) throw new ConfigError(lines);
	const { basedir, max_age, user, log_level, log_format } = { ...written.values, ...typed.values };
	const { archive_max_age: archiveAge = null, archive_max_size: archiveBytes = null } = written.values;
	const { histograms_keep: kept, web = null, heartbeat = null } = written.values;
	return {
		baseDir: resolve(basedir ?? usualBaseDir),
		maxAgeSeconds: max_age === undefined ? 3660 : max_age,
		user: user ?? null,
		logLevel: log_level ?? 'info',
		logFormat: log_format ?? 'auto',
		namesKeepSeconds: written.values.names_keep ?? 86_400,
		limits: written.values.limits ?? usualLimitsSetting,
		archive: { maxAgeSeconds: archiveAge, maxBytes: archiveBytes },
		histograms: {
			hoursSeconds: kept?.hours ?? 90 * 86_400,
			daysSeconds: kept?.days ?? 3 * 365 * 86_400,
		},
		slotsKeepSeconds: written.values.slots_keep ?? 8 * 86_400,
		rrdTemplate: written.values.rrd?.template ?? 'smokeping',
		defaults: written.values.defaults ?? {},
		targets: written.values.targets ?? [],
		probes: written.probes,
		probeModules: written.probeModules,
		sinkModules: sinkModulesIn(written.sinks).modules,
		hub: written.values.hub ?? null,
		pop: written.values.pop ?? null,
		guard: written.values.guard ?? [],
		...{ notifiers: notifiers.entries, groupWaitSeconds: written.values.group_wait ?? 3, heartbeat, web },
		sinks: sinks.entries,
	};
}

// ---- The file ----

interface Written extends Pick<Config, 'probes' | 'probeModules'> {
	readonly values: Omit<z.infer<typeof configFileKeys>, 'probes' | 'sinks'>;
	/** As written. */
	readonly sinks: readonly unknown[];
	readonly findings: readonly OrderFinding[];
}

/** What the config file may hold. */
export const configFileKeys = general.extend({
	basedir: z
		.string()
		.refine(isAbsolute, {
			error: ({ input }) =>
				`must be a path from the root, such as /var/lib/pingmachine, not ${inWords(input)}`,
		})
		.optional(),
	archive_max_age: z
		.unknown()
		.refine((value) => wholeSeconds(value) !== null, notSeconds)
		.transform((value) => wholeSeconds(value) ?? 0)
		.optional(),
	archive_max_size: size.optional(),
	names_keep: span.optional(),
	histograms_keep: z.strictObject({ hours: keepSpan.optional(), days: keepSpan.optional() }).optional(),
	slots_keep: keepSpan.optional(),
	limits: limitsSetting.optional(),
	web: webSetting.optional(),
	hub: hubSetting.optional(),
	pop: popSetting.optional(),
	defaults: defaultsSetting.optional(),
	targets: targetsSetting.optional(),
	rrd: z.strictObject({ template: z.enum(rrdTemplates).optional() }).optional(),
	probes: z.unknown().optional(),
	guard: z.array(z.string().min(1)).max(100).optional(),
	notifiers: z.array(z.unknown()).max(100).optional(),
	group_wait: groupWaitSetting,
	heartbeat: heartbeatSetting.optional(),
	sinks: z.array(z.unknown()).optional(),
});

/** The file with what the environment says; without a file what it says alone. */
function readFilled(
	file: string | undefined,
	text: Uint8Array | undefined,
	probes: ProbeTable,
	environment: Environment,
): Filled {
	const root = file === undefined ? { mapping: {} } : readConfigRoot(file, text);
	const settings = [...probes.values()].map(({ name, settings }) => [name, keyTreeOf(settings)] as const);
	const tree = withKeys(keyTreeOf(configFileKeys), 'probes', new Map(settings));
	if ('mapping' in root) return fill(root.mapping, environment, tree);
	return { mapping: {}, origins: new Map(), findings: [root.finding] };
}

function readKeys(mapping: Mapping, probes: ProbeTable): Written {
	const read = readStrict(configFileKeys, mapping, '');
	const setting = readProbesSetting(mapping['probes']);
	const settings = readProbes(setting.sections, probes);
	const misread = 'findings' in read ? read.findings : [];
	const unknown = 'value' in read ? unknownProbes(read.value, probes) : [];
	const findings = [...misread, ...unknown, ...setting.findings, ...settings.findings];
	const { probes: _probes, sinks: _list, ...values } = 'value' in read ? read.value : {};
	const sinks = Array.isArray(mapping['sinks']) ? mapping['sinks'] : [];
	return { values: given(values), probes: settings.probes, probeModules: setting.modules, sinks, findings };
}

function unknownProbes(
	{ defaults, targets = [] }: z.infer<typeof configFileKeys>,
	probes: ProbeTable,
): readonly OrderFinding[] {
	const named = [['defaults', defaults?.probe], ...targets.map((list, at) => [`targets[${at}]`, list.probe])];
	return named.flatMap(([key, probe]) =>
		probe === undefined || probes.has(probe)
			? []
			: [{ key: `${key}.probe`, message: notKnown('probe', probe, [...probes.keys()]) }],
	);
}

/** Also for probes that the file does not name: their schema says what holds then. */
function readProbes(sections: Mapping, probes: ProbeTable): Pick<Written, 'probes' | 'findings'> {
	const findings: OrderFinding[] = [];
	for (const name of Object.keys(sections)) {
		if (!probes.has(name))
			findings.push({ key: 'probes', message: notKnown('probe', name, [...probes.keys()]) });
	}
	const settings: Record<string, unknown> = {};
	for (const { name, settings: schema } of probes.values()) {
		const read = readStrict<unknown>(schema, sections[name] ?? {}, `probes.${name}`);
		if ('value' in read) settings[name] = read.value;
		else findings.push(...read.findings);
	}
	return { probes: settings, findings };
}
