/** bench: draws docs/graph.png, the picture of a graph, from what the daemon measures in a quarter of an hour */
/*
 * Options: [--minutes 15] [--out FILE]
 *
 * httping measures a server on loopback that answers as one behind a busy line does: slower and less evenly for a
 * while, then not always, and then not at all. Needs httping and rrdtool.
 */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { DaemonUnderTest, sleep } from './daemon-under-test.ts';

const { values } = parseArgs({
	options: {
		minutes: { type: 'string', default: '15' },
		out: { type: 'string', default: 'docs/graph.png' },
	},
});
const minutes = Number(values.minutes);
const stepSeconds = 10;

const startMs = Date.now();

/** How far the time of the picture has gone, 0 to 1. */
function progress(): number {
	return (Date.now() - startMs) / (minutes * 60_000);
}

/** How busy the line is, 0 to 1: a hump in the middle. */
function busy(at: number): number {
	return Math.exp(-(((at - 0.45) / 0.16) ** 2));
}

function isLost(at: number): boolean {
	if (at > 0.8 && at < 0.87) return true;
	return Math.random() < 0.25 * busy(at + 0.05) ** 3;
}

const server = createServer((_, response) => {
	const at = progress();
	const queueMs = -Math.log(1 - Math.random()) * (1 + 25 * busy(at));
	response.statusCode = isLost(at) ? 503 : 200;
	setTimeout(() => response.end(), 18 + 12 * busy(at) + queueMs);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

const daemon = new DaemonUnderTest();
try {
	const section = { url: `http://127.0.0.1:${port}/`, http_codes_as_failure: '503' };
	const order = { user: 'me', title: 'Uplink of the house', step: stepSeconds, pings: 10, probe: 'httping' };
	daemon.order('me/uplink', JSON.stringify({ ...order, httping: section }));
	await daemon.start();
	console.log(`measuring for ${minutes} minutes`);
	await sleep(minutes * 60_000 + 2 * stepSeconds * 1000);
	const cli = new URL('../src/cli.js', import.meta.url).pathname;
	const size = '800x400';
	const { baseDir } = daemon;
	const args = ['graph', 'me/uplink', '--basedir', baseDir, '--period', `${minutes}min`, '--size', size];
	execFileSync(process.execPath, [cli, ...args, '--out', values.out], { stdio: 'inherit' });
	console.log(values.out);
} finally {
	await daemon.end();
	server.close();
	server.closeAllConnections();
}
