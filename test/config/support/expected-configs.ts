/** What the files in fixtures/config/valid come to. */
import { builtInProbes } from '../../../probes/index.ts';
import type { Config } from '../../../src/config/config.ts';
import { usualLimits } from '../../../src/model/user-limits.ts';

export const probes = builtInProbes;

export const defaultLimits = {
	queueMax: 50_000,
	batchMax: 1000,
	batchWaitMs: 1000,
	timeoutMs: 10_000,
	spoolMaxBytes: 1_024_000_000,
	spoolMaxAgeMs: 259_200_000,
};

const withoutSettings = Object.fromEntries(
	[...probes.values()].map(({ name, settings }) => [name, settings.parse({})]),
);

export const defaults: Config = {
	baseDir: '/var/lib/pingmachine',
	maxAgeSeconds: 3660,
	user: null,
	logLevel: 'info',
	logFormat: 'auto',
	namesKeepSeconds: 86_400,
	histograms: { hoursSeconds: 7_776_000, daysSeconds: 94_608_000 },
	slotsKeepSeconds: 691_200,
	limits: { others: usualLimits, users: {} },
	archive: { maxAgeSeconds: null, maxBytes: null },
	rrdTemplate: 'smokeping',
	defaults: {},
	targets: [],
	probes: withoutSettings,
	probeModules: [],
	sinkModules: [],
	web: null,
	guard: [],
	hub: null,
	pop: null,
	notifiers: [],
	groupWaitSeconds: 3,
	heartbeat: null,
	sinks: [],
};

export const everything: Config = {
	baseDir: '/srv/pingmachine',
	maxAgeSeconds: 7200,
	user: 'pingmachine',
	logLevel: 'debug',
	logFormat: 'json',
	namesKeepSeconds: 172_800,
	histograms: { hoursSeconds: 2_592_000, daysSeconds: 31_536_000 },
	slotsKeepSeconds: 3_024_000,
	limits: {
		others: { ...usualLimits, orders: 1000, diskBytes: 50e9 },
		users: {
			tmon: { ...usualLimits, orders: Number.POSITIVE_INFINITY, diskBytes: 50e9, pingsPerSecond: 500 },
			'1000': {
				...usualLimits,
				orders: 1000,
				diskBytes: Number.POSITIVE_INFINITY,
				batches: 5,
				textBytes: 1e6,
			},
		},
	},
	archive: { maxAgeSeconds: 7_776_000, maxBytes: 20_000_000_000 },
	rrdTemplate: 'short',
	defaults: { stepSeconds: 300, expires: 'never' },
	targets: [
		{
			file: '/etc/hosts.txt',
			prefix: 'core',
			stepSeconds: 30,
			pings: 3,
			eachAddress: false,
			everySeconds: 300,
		},
		{
			...{ file: 'https://inventory.example.net/hosts', prefix: 'far', probe: 'fping', user: 'us' },
			...{ eachAddress: true, everySeconds: 60 },
		},
	],
	probes: { ...withoutSettings, fping: { command: '/usr/local/bin/fping' } },
	probeModules: [],
	sinkModules: [],
	web: {
		listen: [{ host: '::', port: 9922 }],
		tls: { certFile: '/etc/pingmachine/web.crt', keyFile: '/etc/pingmachine/web.key' },
		tokensFile: '/etc/pingmachine/tokens',
		public: ['health', 'metrics'],
		compat: ['meshping'],
		labels: ['site'],
		buckets: [0.01, 0.1, 1],
		seriesMax: 500_000,
		hosts: ['ping.example.net'],
		statusPage: null,
	},
	guard: [],
	hub: null,
	pop: null,
	notifiers: [],
	groupWaitSeconds: 3,
	heartbeat: null,
	sinks: [
		{
			name: 'archive',
			type: 'http',
			settings: { url: 'http://influx.example/write', token: 'abc' },
			filter: { ids: ['core/**'], users: ['tmon', 'me'], probes: ['fping'] },
			limits: {
				queueMax: 20_000,
				batchMax: 500,
				batchWaitMs: 2500,
				timeoutMs: 5000,
				spoolMaxBytes: 100_000_000,
				spoolMaxAgeMs: 86_400_000,
			},
		},
		{
			name: 'telegraf-udp-127.0.0.1-8094',
			type: 'telegraf',
			settings: { url: 'udp://127.0.0.1:8094' },
			filter: { ids: null, users: null, probes: null },
			limits: defaultLimits,
		},
	],
};

/** What each file in fixtures/config/valid comes to. */
export const configs: Readonly<Record<string, Config>> = {
	empty: defaults,
	'only-comments': defaults,
	everything,
	'without-values': defaults,
	'probe-without-settings': defaults,
	'probes-list': {
		...defaults,
		probes: { ...withoutSettings, fping: { command: 'fping' } },
		probeModules: ['/opt/mine.js', '/opt/yours.mjs'],
	},
	'sinks-without-values': defaults,
	'user-number': { ...defaults, user: '1001' },
};
