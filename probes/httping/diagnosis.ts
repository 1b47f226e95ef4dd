import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { race } from '../../src/model/race.ts';
import { credentialsOf } from '../shared/url.ts';

/** A site that httping has got no answer from. */
export interface SilentSite {
	readonly url: string;
	/** Of its server, or of the proxy. */
	readonly address: string;
	readonly proxy?: string | undefined;
	readonly userAgent: string;
	/** Each attempt may take so long, milliseconds. */
	readonly timeoutMs: number;
	readonly signal: AbortSignal;
}

/** What to do about a site that httping 2.5 cannot measure. */
export const remedy = 'Use probe: http';

/** Whether httping said so of a ping: the server has broken off the TLS handshake. */
export function isHandshakeLoss(loss: string): boolean {
	return /^SSL handshake error/i.test(loss);
}

/**
 * Why httping 2.5 gets no answer from a site that gives one, fit for the user; null when that is not so. Looks for
 * itself, once with what httping lacks and once without.
 *
 * @param losses what httping said of its pings
 */
export async function whatHttpingLacks(site: SilentSite, losses: readonly string[]): Promise<string | null> {
	const { hostname, protocol } = new URL(site.url);
	if (protocol === 'https:' && losses.some(isHandshakeLoss)) {
		if (isIP(hostname) !== 0) return null;
		const [withName, withoutName] = await Promise.all([handshake(site, hostname), handshake(site, null)]);
		if (withName !== 'done' || withoutName !== 'refused') return null;
		return `${hostname} answers only who tells its name in the TLS handshake (SNI), and httping 2.5 does not. ${remedy}`;
	}
	const header = await headerOf(site);
	if (!/^HTTP\/\d/.test(header) || header.includes('\r\n\r\n') || !/\n\r?\n/.test(header)) return null;
	return `${hostname} ends the lines of its header with a line feed alone, which httping 2.5 does not take for an answer. ${remedy}`;
}

/** Silent: no answer in time, or the server cannot be reached. */
type Handshake = 'done' | 'refused' | 'silent';

async function handshake(site: SilentSite, servername: string | null): Promise<Handshake> {
	const socket = await open(site);
	if (socket === null) return 'silent';
	return within<Handshake>(site, socket, 'silent', (settle) => {
		const secure = tlsOver(socket, servername);
		secure.once('secureConnect', () => settle('done'));
		secure.once('error', () => settle('refused')).once('close', () => settle('refused'));
	});
}

const headerMaxBytes = 16 * 1024;

/** What the server sends until its header seems to end, or as far as it comes. */
async function headerOf(site: SilentSite): Promise<string> {
	const socket = await open(site);
	if (socket === null) return '';
	const { hostname, protocol } = new URL(site.url);
	let received = '';
	let end = '';
	await within(site, socket, null, (settle) => {
		const isPlain = protocol === 'http:';
		const stream = isPlain ? socket : tlsOver(socket, isIP(hostname) === 0 ? hostname : null);
		stream.on('error', () => settle(null)).on('close', () => settle(null));
		stream.on('data', (chunk: Buffer) => {
			const piece = chunk.toString('latin1');
			received += piece;
			// Each piece once: a server may send its header byte by byte.
			const fresh = end + piece;
			end = fresh.slice(-2);
			if (received.length > headerMaxBytes || /\n\r?\n/.test(fresh)) settle(null);
		});
		const ask = () => stream.write(request(site));
		if (isPlain) ask();
		else stream.once('secureConnect', ask);
	});
	return received.slice(0, headerMaxBytes);
}

function request({ url, proxy, userAgent }: SilentSite): string {
	const { host, pathname, search, protocol } = new URL(url);
	const isByProxy = proxy !== undefined && protocol === 'http:';
	const lines = [
		`HEAD ${isByProxy ? `http://${host}` : ''}${pathname}${search} HTTP/1.0`,
		`Host: ${host}`,
		`User-Agent: ${userAgent}`,
		...authorization('Authorization', url),
		...(isByProxy ? authorization('Proxy-Authorization', proxy) : []),
	];
	return `${lines.join('\r\n')}\r\n\r\n`;
}

function authorization(header: string, href: string): string[] {
	const own = credentialsOf(href);
	return own === null
		? []
		: [`${header}: Basic ${Buffer.from(`${own.user}:${own.password}`).toString('base64')}`];
}

/** Connects to the server, through the proxy where there is one and TLS goes through it. Null when that fails. */
async function open(site: SilentSite): Promise<Socket | null> {
	const { url, address, proxy } = site;
	const { host, hostname, port, protocol } = new URL(url);
	const own = proxy === undefined ? { port, protocol } : new URL(proxy);
	const usual = own.protocol === 'https:' ? 443 : 80;
	const socket = connectTcp({ host: address, port: Number(own.port || usual) });
	const isTunnel = proxy !== undefined && protocol === 'https:';
	const where = port === '' ? `${hostname}:443` : host;
	return within<Socket | null>(
		site,
		socket,
		null,
		(settle) => {
			socket.once('error', () => settle(null)).once('close', () => settle(null));
			socket.once('connect', () => {
				if (!isTunnel) return settle(socket);
				const lines = [`CONNECT ${where} HTTP/1.1`, `Host: ${where}`];
				lines.push(...authorization('Proxy-Authorization', proxy));
				socket.write(`${lines.join('\r\n')}\r\n\r\n`);
				socket.once('data', (said) =>
					settle(/^HTTP\/1\.\d 2\d\d/.test(said.toString('latin1')) ? socket : null),
				);
			});
		},
		false,
	);
}

function tlsOver(socket: Socket, servername: string | null): TLSSocket {
	// httping takes any certificate too. An empty name is none.
	return connectTls({ socket, servername: servername ?? '', rejectUnauthorized: false });
}

/** What `start` settles with, or `otherwise` when the time is over or the signal fires. Closes the socket after it. */
async function within<T>(
	{ timeoutMs, signal }: SilentSite,
	socket: Socket,
	otherwise: T,
	start: (settle: (outcome: T) => void) => void,
	isLast = true,
): Promise<T> {
	const outcome = await race(new Promise<T>(start), { ms: timeoutMs, signal }, () => otherwise);
	if (isLast || outcome === otherwise) socket.on('error', () => {}).destroy();
	return outcome;
}
