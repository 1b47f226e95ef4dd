/**
 * Records what the installed httping prints, one folder a case in fixtures/probes/httping. A new recording has new
 * times: correct the expected.json of each case, which is written by hand.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const cases = join(process.cwd(), 'fixtures/probes/httping');
const work = mkdtempSync(join(tmpdir(), 'pingmachine-record-'));
const version = /v([\d.]+)/.exec(spawnSync('httping', ['-V'], { encoding: 'utf8' }).stderr)?.[1];
const servers: Server[] = [];

async function listen(server: Server): Promise<string> {
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that does this with each connection once it has been asked something. Returns its host and port. */
function onRequest(answer: (socket: Socket) => void): Promise<string> {
	return listen(
		createServer((socket) => {
			socket.on('error', () => {});
			socket.once('data', () => answer(socket));
		}),
	);
}

const says = (text: string) => onRequest((socket) => socket.end(`HTTP/1.1 ${text}\r\nServer: test\r\n\r\n`));

interface Recording {
	readonly args: readonly string[];
	/** Sends SIGINT after so many milliseconds, and SIGKILL half a second later. */
	readonly stopAfterMs?: number;
	/** Status codes that count as lost. */
	readonly codes?: readonly number[];
}

async function record(name: string, { args, stopAfterMs, codes = [] }: Recording): Promise<void> {
	const folder = join(cases, name);
	mkdirSync(folder, { recursive: true });
	const startedMs = performance.now();
	const child = spawn('httping', args, { env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
	const output = { stdout: '', stderr: '' };
	child.stdout.on('data', (text) => {
		output.stdout += text;
	});
	child.stderr.on('data', (text) => {
		output.stderr += text;
	});
	const timers: NodeJS.Timeout[] = [];
	if (stopAfterMs !== undefined) {
		timers.push(setTimeout(() => child.kill('SIGINT'), stopAfterMs));
		timers.push(setTimeout(() => child.kill('SIGKILL'), stopAfterMs + 500));
	}
	await new Promise((resolve) => child.once('close', resolve));
	for (const timer of timers) clearTimeout(timer);
	const recorded = {
		httping: version,
		command: args.join(' '),
		codes,
		exitCode: child.exitCode,
		endedBy: child.signalCode,
		stopped: stopAfterMs !== undefined,
		tookSeconds: (stopAfterMs ?? Math.round(performance.now() - startedMs)) / 1000,
	};
	writeFileSync(join(folder, 'case.json'), `${JSON.stringify(recorded, null, '\t')}\n`);
	for (const [stream, text] of Object.entries(output)) writeFileSync(join(folder, stream), text);
}

const usual = '--user-agent pingmachine/2 --count 3 --ai --interval 0.3 --timeout 0.25'.split(' ');
const withCodes = [...usual, '--show-statuscodes'];

const key = join(work, 'key.pem');
const certificate = join(work, 'certificate.pem');
const request = `req -x509 -newkey rsa:2048 -nodes -keyout ${key} -out ${certificate} -days 1 -subj /CN=localhost`;
execFileSync('openssl', request.split(' '), { stdio: 'ignore' });

const good = await says('200 OK');
const silent = await onRequest(() => {});
const tls = createHttpsServer(
	{ key: readFileSync(key), cert: readFileSync(certificate) },
	(_request, response) => response.end(),
);
const secure = await listen(tls as unknown as Server);
const shut = '127.0.0.1:1';

await record('all-answer', { args: [`http://${good}/`, ...usual] });
await record('all-answer-tls', { args: [`https://${secure}/`, ...usual] });
await record('status-shown', { args: [`http://${good}/`, ...withCodes], codes: [403, 503] });
await record('status-listed', {
	args: [`http://${await says('503 Busy')}/`, ...withCodes],
	codes: [403, 503],
});
await record('status-not-listed', {
	args: [`http://${await says('404 Not Found')}/`, ...withCodes],
	codes: [503],
});
await record('redirect', { args: [`http://${await says('302 Found')}/`, ...withCodes], codes: [503] });
await record('misleading-status', {
	args: [`http://${await says('200 seq=9 time= 0.01 ms 503')}/`, ...withCodes],
	codes: [503],
});
await record('no-status', { args: [`http://${await says('hello')}/`, ...withCodes], codes: [503] });
let connection = 0;
const moody = await onRequest((socket) => {
	if (connection++ % 2 === 0) socket.end('HTTP/1.1 200 OK\r\n\r\n');
	else socket.resetAndDestroy();
});
await record('every-second-fails', { args: [`http://${moody}/`, ...usual] });
await record('refused', { args: [`http://${shut}/`, ...usual] });
await record('silent', { args: [`http://${silent}/`, ...usual] });
await record('short-read', {
	args: [`http://${await onRequest((socket) => socket.end('HTTP'))}/`, ...usual],
});
// After the first failure in TLS httping makes no handshake any more: only one ping a process means anything.
const single = '--user-agent pingmachine/2 --count 1 --ai --interval 0.01 --timeout 0.9'.split(' ');
await record('tls-to-plain', { args: [`https://${good}/`, ...single] });
await record('tls-to-plain-all-in-one', { args: [`https://${good}/`, ...usual] });
await record('name-unknown', { args: ['http://no-such-host.invalid/', ...usual] });
await record('proxy', { args: ['http://www.example.net/', ...usual, '-x', good] });
await record('proxy-refused', { args: ['http://www.example.net/', ...usual, '-x', shut] });
await record('proxy-refused-tls', { args: ['https://www.example.net/', ...usual, '-x', shut] });
await record('proxy-silent-tls', { args: ['https://www.example.net/', ...usual, '-x', silent] });
const refusing = await says('407 Proxy Authentication Required');
await record('proxy-denied-tls', { args: ['https://www.example.net/', ...usual, '-x', refusing] });
await record('proxy-denied', {
	args: ['http://www.example.net/', ...withCodes, '-x', refusing],
	codes: [407],
});
await record('proxy-unknown', {
	args: ['http://www.example.net/', ...usual, '-x', 'no-such-host.invalid:80'],
});

const slow = '--user-agent pingmachine/2 --count 3 --ai --interval 1 --timeout 0.9'.split(' ');
await record('stopped-asleep', { args: [`http://${good}/`, ...slow], stopAfterMs: 1500 });
await record('stopped-asleep-after-failure', { args: [`http://${shut}/`, ...slow], stopAfterMs: 1500 });
await record('stopped-reading', { args: [`http://${silent}/`, ...slow], stopAfterMs: 500 });
const dripping = await onRequest((socket) => {
	const timer = setInterval(() => socket.write('x'), 100);
	socket.on('close', () => clearInterval(timer));
});
await record('stopped-dripping', { args: [`http://${dripping}/`, ...slow], stopAfterMs: 1500 });
await record('killed-in-tls', { args: [`https://${silent}/`, ...single], stopAfterMs: 1100 });
await record('killed-in-tls-early', { args: [`https://${silent}/`, ...single], stopAfterMs: 500 });

for (const server of servers) server.close();
rmSync(work, { recursive: true });
process.exit(0);
