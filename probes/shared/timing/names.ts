import { promises as dns } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { race } from '../../../src/model/race.ts';

/** 4, 6, or auto: IPv6 when there is no IPv4 address. */
export type Family = 4 | 6 | 'auto';

/** What came of asking the name servers for an address; or what to use when they do not know. */
export type LookedUp = { readonly address: string } | { readonly error: string };

const hostsPath = '/etc/hosts';
const hostsMaxBytes = 4 << 20;
/** A name of which nothing was known is not asked for again for so long: its address by getaddrinfo counts meanwhile. */
const restMs = 30_000;
const restingMax = 10_000;
const resting = new Map<string, number>();
/** A server that has not answered by then is asked again, or the next one. */
const tryMs = 2000;
const tries = 3;

/**
 * Looks up names for pings that tell how long that took: in /etc/hosts, then by the system's name servers, anew for each
 * ping, and many at a time, since nothing of it waits for a thread as getaddrinfo does. It knows no search domains, and
 * nothing else that nsswitch.conf may name: who asks has the address by getaddrinfo for that. Make one for each job: it
 * knows the name servers as they are then.
 */
export class PingNames {
	readonly #servers: readonly string[] | undefined;
	readonly #asking = new Set<dns.Resolver>();
	readonly #hosts = hostsNow();

	/** @param servers instead of the system's: `127.0.0.1:5353` */
	constructor(servers?: readonly string[]) {
		this.#servers = servers;
	}

	/**
	 * Null when the signal fires before there is an answer. The error has the code of c-ares, `ETIMEOUT` when there was no
	 * answer in time; the same for a while after that without asking.
	 */
	async lookUp(name: string, family: Family, limitMs: number, signal: AbortSignal): Promise<LookedUp | null> {
		if (isIP(name) !== 0) return { address: name };
		const families: readonly (4 | 6)[] = family === 'auto' ? [4, 6] : [family];
		for (const one of families) {
			const address = this.#hosts.get(`${one} ${name.toLowerCase().replace(/\.$/, '')}`);
			if (address !== undefined) return { address };
		}
		const key = `${family} ${name}`;
		const until = resting.get(key);
		if (until !== undefined && performance.now() < until) return { error: 'ETIMEOUT' };
		resting.delete(key);
		const found = await race(this.#askFor(name, families), { ms: limitMs, signal }, (): LookedUp | null =>
			signal.aborted ? null : { error: 'ETIMEOUT' },
		);
		if (found !== null && 'error' in found) rest(key);
		return found;
	}

	async #askFor(name: string, families: readonly (4 | 6)[]): Promise<LookedUp> {
		let found: LookedUp = { error: 'ENOTFOUND' };
		for (const family of families) {
			found = await this.#ask(name, family);
			if ('address' in found) return found;
		}
		return found;
	}

	/** What is under way ends with an error. */
	cancel(): void {
		for (const resolver of this.#asking) resolver.cancel();
	}

	async #ask(name: string, family: 4 | 6): Promise<LookedUp> {
		// One for each question: from c-ares 1.31 on, as in Debian 13, one answers from its memory what it was told before.
		const resolver = new dns.Resolver({ timeout: tryMs, tries });
		this.#asking.add(resolver);
		try {
			if (this.#servers !== undefined) resolver.setServers(this.#servers);
			const found = await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
			// The unspecified addresses, with which names are blocked, are no host.
			const address = found.find((one) => one !== '0.0.0.0' && one !== '::');
			return address === undefined ? { error: 'ENODATA' } : { address };
		} catch (error) {
			return { error: (error as NodeJS.ErrnoException).code ?? String(error) };
		} finally {
			this.#asking.delete(resolver);
		}
	}
}

function rest(key: string): void {
	const [oldest] = resting.keys();
	if (resting.size >= restingMax && oldest !== undefined) resting.delete(oldest);
	resting.set(key, performance.now() + restMs);
}

let hostsRead: { readonly stamp: string; readonly hosts: ReadonlyMap<string, string> } = {
	stamp: '',
	hosts: new Map(),
};

/** By family and name, the first one counts; read anew when the file has changed. None when it cannot be read. */
function hostsNow(): ReadonlyMap<string, string> {
	try {
		const { mtimeMs, size, ino } = statSync(hostsPath);
		const stamp = `${mtimeMs} ${size} ${ino}`;
		if (stamp !== hostsRead.stamp) {
			const text = size > hostsMaxBytes ? '' : readFileSync(hostsPath, 'utf8');
			hostsRead = { stamp, hosts: readHosts(text) };
		}
		return hostsRead.hosts;
	} catch {
		return new Map();
	}
}

/** The lines of a hosts file: an address and its names. By family and name in lower case: `4 localhost`. */
export function readHosts(text: string): Map<string, string> {
	const hosts = new Map<string, string>();
	for (const line of text.split('\n')) {
		const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
		const family = isIP(address);
		if (family === 0) continue;
		for (const name of names) {
			const key = `${family} ${name.toLowerCase()}`;
			if (!hosts.has(key)) hosts.set(key, address);
		}
	}
	return hosts;
}
