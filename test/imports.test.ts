/** The linter holds every room and every plug-in to the imports that it may have, in nested folders too. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** Where a file is, what it may import, and what not. */
type Case = readonly [file: string, allowed: readonly string[], forbidden: readonly string[]];

const cases: readonly Case[] = [
	['src/model/x.ts', ['zod', './slot.ts'], ['node:fs', '../reading/order.ts', 'js-yaml']],
	['src/rrd/x.ts', ['./file.ts', 'node:fs'], ['../model/slot.ts']],
	['src/history/x.ts', ['../model/histogram.ts'], ['../store/store.ts', 'node:fs']],
	['src/reading/x.ts', ['../model/order.ts', 'js-yaml'], ['../orders/tree.ts', 'node:fs']],
	['src/reading/deep/x.ts', ['../order.ts', '../../model/order.ts'], ['../../store/store.ts']],
	['src/host/x.ts', ['../model/log.ts', 'node:fs'], ['../config/config.ts']],
	['src/host/deep/x.ts', ['../log.ts', '../../model/log.ts'], ['../../daemon/daemon.ts']],
	['src/orders/x.ts', ['../reading/order.ts', '../host/link-trust.ts'], ['../engine/batches.ts']],
	['src/orders/deep/x.ts', ['../tree.ts', '../../model/order.ts'], ['../../store/order-path.ts']],
	['src/outcomes/x.ts', ['../model/order.ts'], ['../store/store.ts', '../memory/recollection.ts']],
	['src/outcomes/deep/x.ts', ['../codec.ts', '../../model/slot.ts'], ['../../delivery/delivery.ts']],
	['src/engine/x.ts', ['../orders/tree.ts', '../outcomes/stream.ts'], ['../store/store.ts']],
	['src/engine/deep/x.ts', ['../batches.ts', '../../model/probe.ts'], ['../../../probes/index.ts']],
	['src/counts/x.ts', ['../history/tally.ts', '../host/private-folder.ts'], ['../store/store.ts']],
	['src/memory/x.ts', ['../outcomes/stream.ts', './deep/y.ts'], ['../engine/batches.ts']],
	['src/memory/deep/x.ts', ['../recollection.ts', '../../model/order.ts'], ['../../store/store.ts']],
	['src/tools/x.ts', ['../model/probe.ts'], ['../engine/scheduler.ts']],
	['src/config/x.ts', ['../reading/strict-section.ts'], ['../sinks/index.ts', '../delivery/spool.ts']],
	['src/store/x.ts', ['../rrd/index.ts', '../host/link-trust.ts'], ['../delivery/spool.ts']],
	['src/store/deep/x.ts', ['../store.ts', '../../rrd/index.ts'], ['../../engine/batches.ts']],
	['src/delivery/x.ts', ['../orders/glob.ts'], ['../store/store.ts', '../sinks/index.ts']],
	['src/delivery/deep/x.ts', ['../spool.ts', '../../model/sink.ts'], ['../../sinks/telegraf/udp.ts']],
	['src/alerts/x.ts', ['../outcomes/stream.ts'], ['../delivery/spool.ts']],
	['src/alerts/notifiers/mail/x.ts', ['../shared/y.ts', '../../../model/sink.ts'], ['../../rules.ts']],
	['src/pops/x.ts', ['../orders/tree.ts'], ['../web/server.ts']],
	['src/pops/links/x.ts', ['../hub.ts', '../../outcomes/codec.ts'], ['../../sinks/kafka/index.ts']],
	['src/web/x.ts', ['../store/main-rrd.ts', '../alerts/rules.ts'], ['../engine/batches.ts']],
	['src/web/api/x.ts', ['../server.ts', '../../memory/recollection.ts'], ['../../daemon/daemon.ts']],
	['src/web/api/deep/x.ts', ['../y.ts', '../../../model/order.ts'], ['../../../commands/paint.ts']],
	['src/web/browser/x.ts', ['./y.ts', './uplot.js'], ['../../model/order.ts', 'uplot', 'node:fs']],
	['src/daemon/x.ts', ['../engine/batches.ts', '../web/server.ts'], ['../commands/status/index.ts']],
	['src/daemon/deep/x.ts', ['../daemon.ts', '../../store/store.ts'], ['../../../probes/index.ts']],
	['src/commands/x.ts', ['../daemon/daemon.ts', '../../probes/index.ts'], ['../cli.ts']],
	['src/commands/status/x.ts', ['../shared/y.ts', '../../sinks/index.ts'], ['../../sinks/telegraf/udp.ts']],
	['src/cli.ts', ['./commands/command-line.ts', '../probes/index.ts'], ['./daemon/daemon.ts']],
	['src/sinks/index.ts', ['../model/sink.ts', './telegraf/index.ts'], ['../delivery/spool.ts']],
	[
		'src/sinks/kafka/x.ts',
		['../shared/y.ts', '../../model/sink.ts'],
		['../telegraf/udp.ts', '../../host/log.ts'],
	],
	['src/sinks/kafka/deep/x.ts', ['../y.ts', '../../../model/sink.ts'], ['../../../delivery/spool.ts']],
	['src/sinks/shared/x.ts', ['../../model/sink.ts', './y.ts'], ['../telegraf/udp.ts']],
	['probes/index.ts', ['../src/model/probe.ts', './fping/index.ts'], ['../src/engine/batches.ts']],
	['probes/dns/index.ts', ['../shared/y.ts', '../../src/model/probe.ts'], ['../../src/engine/batches.ts']],
	['probes/dns/x.ts', ['./index.ts', 'node:dgram'], ['../icmp/index.ts', '../../src/reading/order.ts']],
	['probes/dns/wire/x.ts', ['../index.ts', '../../../src/model/probe.ts'], ['../../../src/tools/clock.ts']],
	['probes/shared/x.ts', ['../../src/model/probe.ts'], ['../fping/index.ts']],
	['probes/fping/index.ts', ['../icmp/index.ts'], ['../icmp/engine/engine.ts', '../../src/host/log.ts']],
];

/** Whatever room there is now: a new one needs a list. */
const rooms = readdirSync(join(root, 'src')).filter((name) => !name.endsWith('.ts'));
const newcomers: readonly Case[] = rooms.map((room) => [`src/${room}/newcomer.ts`, [], ['../cli.ts']]);

/** All the ways to import, so that there is no way around the list. */
const ways = [
	(from: string) => `import '${from}';`,
	(from: string) => `import type {} from '${from}';`,
	(from: string) => `export * from '${from}';`,
	(from: string) => `await import('${from}');`,
];

let house = '';
/** `FILE:LINE` of all imports that the linter refuses. */
let refused: ReadonlySet<string> = new Set();

/** The imports of a case, each in all ways, a line each. */
function linesOf([, allowed, forbidden]: Case): string[] {
	return [...allowed, ...forbidden].flatMap((from) => ways.map((way) => way(from)));
}

beforeAll(() => {
	house = realpathSync(mkdtempSync(join(tmpdir(), 'pingmachine-imports-')));
	cpSync(join(root, 'biome.json'), join(house, 'biome.json'));
	for (const each of [...cases, ...newcomers]) {
		const path = join(house, each[0]);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, `${linesOf(each).join('\n')}\n`);
	}
	const args = [
		'lint',
		'--only=style/noRestrictedImports',
		'--max-diagnostics=none',
		'--reporter=github',
		'.',
	];
	const run = spawnSync(join(root, 'node_modules/.bin/biome'), args, { cwd: house, encoding: 'utf8' });
	const found = run.stdout.matchAll(
		/^::error title=lint\/style\/noRestrictedImports,file=([^,]+),line=(\d+),/gm,
	);
	refused = new Set([...found].map(([, file = '', line]) => `${relative(house, file)}:${line}`));
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

test.each(cases)('%s', (...each) => {
	const [file, allowed] = each;
	const lines = linesOf(each);
	const isRefused = lines.filter((_, index) => refused.has(`${file}:${index + 1}`));
	expect(isRefused).toEqual(lines.slice(allowed.length * ways.length));
});

test.each(newcomers)('no room is without a list: %s', (file) => {
	expect(refused).toContain(`${file}:1`);
});
