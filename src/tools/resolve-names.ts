import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP, isIPv6, SocketAddress } from 'node:net';
import { type Clock, systemClock } from '../model/clock.ts';
import { Fifo } from '../model/fifo.ts';
import type { FoundAddress, NameFailure, NameQuery, ResolveNames } from '../model/probe.ts';
import { race } from '../model/race.ts';
import { KeptAddresses } from './kept-addresses.ts';

/** Asks for the addresses of one family. Rejects with an error that has a `code`, as `dns.lookup` does. */
export type LookUp = (name: string, family: 4 | 6) => Promise<readonly string[]>;

export interface ResolverParts {
	readonly lookUp?: LookUp;
	readonly clock?: Clock;
	/** How many names are looked up at a time. */
	readonly lanes?: number;
	/** The last good addresses. */
	readonly kept?: KeptAddresses;
}

/**
 * Makes what looks up names by the system's resolver, as every other program on the machine does: /etc/hosts,
 * nsswitch.conf and all.
 */
export function makeResolveNames(parts: ResolverParts = {}): ResolveNames {
	const { lookUp = systemLookUp, clock = systemClock, lanes = systemLanes() } = parts;
	const lookUps = new LookUps(lookUp, clock, lanes, parts.kept ?? new KeptAddresses({ clock }));
	return (names, deadlineMs) => lookUps.resolve(names, deadlineMs);
}

async function systemLookUp(name: string, family: 4 | 6): Promise<string[]> {
	const found = await dnsLookup(name, { all: true, family });
	return found.map(({ address }) => address);
}

/** libuv gives half of its threads to getaddrinfo. What we gave it beyond that would wait in its queue, not in ours. */
function systemLanes(): number {
	const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
	return Math.max(1, Math.floor(((threads || 1) + 1) / 2));
}

type Answer = FoundAddress | NameFailure;

/** A name that is being looked up or waits for it. */
interface Pending {
	readonly query: NameQuery;
	readonly answer: Promise<void>;
	/** Null until there is one. */
	readonly known: () => Answer | null;
}

/** What came of a name last time. */
interface Outcome {
	readonly answer: Answer;
	readonly atMs: number;
	readonly wasGood: boolean;
}

/** A look-up that takes longer is likely to take long again. */
const slowMs = 1000;
/** For so long the last failure may stand in for an answer that does not come in time. */
const freshMs = 10 * 60_000;
const outcomesMax = 20_000;

/**
 * One dead name can hold a lane for 10 s and more. So names that were answered promptly last time go first, then new
 * ones, and last those that failed or were slow, which never get all the lanes.
 */
class LookUps {
	readonly #lookUp: LookUp;
	readonly #clock: Clock;
	readonly #lanes: number;
	readonly #kept: KeptAddresses;
	readonly #pending = new Map<string, Pending>();
	readonly #outcomes = new Map<string, Outcome>();
	readonly #good = new Fifo<() => Promise<void>>();
	readonly #new = new Fifo<() => Promise<void>>();
	readonly #bad = new Fifo<() => Promise<void>>();
	#busy = 0;
	#busyWithBad = 0;

	constructor(lookUp: LookUp, clock: Clock, lanes: number, kept: KeptAddresses) {
		this.#lookUp = lookUp;
		this.#clock = clock;
		this.#lanes = lanes;
		this.#kept = kept;
	}

	async resolve(names: readonly NameQuery[], deadlineMs: number): Promise<Map<string, Answer>> {
		const answers = new Map<string, Answer>();
		const pending: Pending[] = [];
		for (const query of names) {
			if (isIP(query.name) === 0) pending.push(this.#pendingFor(query));
			else answers.set(query.name, isNoHost(query.name) ? useless(query.name) : { address: query.name });
		}
		if (pending.length > 0) await this.#wait(pending, deadlineMs);
		for (const { query, known } of pending) answers.set(query.name, this.#best(query, known(), deadlineMs));
		return answers;
	}

	/** What the name service says, else the address that it told last, else why there is none. */
	#best(query: NameQuery, known: Answer | null, deadlineMs: number): Answer {
		const isSilent = known === null || ('code' in known && known.code === 'name_silent');
		const kept = isSilent ? this.#kept.find(query.family, query.name) : null;
		const late = { code: 'name_silent', systemCode: null, afterMs: deadlineMs } as const;
		const best = kept ?? known ?? this.#lastFailure(query) ?? late;
		return 'address' in best ? { ...best, address: usable(best.address, query) ?? best.address } : best;
	}

	/** Returns when all are answered, or at the deadline. */
	async #wait(pending: readonly Pending[], deadlineMs: number): Promise<void> {
		const answers = Promise.all(pending.map(({ answer }) => answer));
		await race(answers, { ms: deadlineMs, clock: this.#clock }, () => {});
	}

	#lastFailure(query: NameQuery): NameFailure | null {
		const last = this.#outcomes.get(keyOf(query));
		const isFresh = last !== undefined && this.#clock.monotonicMs() - last.atMs <= freshMs;
		return isFresh && 'code' in last.answer ? last.answer : null;
	}

	/** The look-up that is going on for this name, or a new one. */
	#pendingFor(query: NameQuery): Pending {
		const key = keyOf(query);
		const existing = this.#pending.get(key);
		if (existing !== undefined) return existing;
		let known: Answer | null = null;
		const answer = new Promise<void>((resolve) => {
			this.#queueFor(key).push(async () => {
				known = await this.#answer(query, key);
				this.#pending.delete(key);
				resolve();
			});
		});
		const pending = { query, answer, known: () => known };
		this.#pending.set(key, pending);
		this.#startNext();
		return pending;
	}

	#queueFor(key: string): Fifo<() => Promise<void>> {
		const last = this.#outcomes.get(key);
		if (last === undefined) return this.#new;
		return last.wasGood ? this.#good : this.#bad;
	}

	#startNext(): void {
		while (this.#busy < this.#lanes) {
			const better = this.#good.shift() ?? this.#new.shift();
			const mayTakeBad = this.#busyWithBad < Math.max(1, this.#lanes - 1);
			const bad = better === undefined && mayTakeBad ? this.#bad.shift() : undefined;
			const start = better ?? bad;
			if (start === undefined) return;
			const badOnes = bad === undefined ? 0 : 1;
			this.#busy++;
			this.#busyWithBad += badOnes;
			start().then(() => {
				this.#busy--;
				this.#busyWithBad -= badOnes;
				this.#startNext();
			});
		}
	}

	async #answer(query: NameQuery, key: string): Promise<Answer> {
		const startMs = this.#clock.monotonicMs();
		const answer = await this.#ask(query, startMs);
		this.#keep(query, answer);
		const atMs = this.#clock.monotonicMs();
		// Anew at the end: the first one is then the one that is forgotten.
		this.#outcomes.delete(key);
		this.#outcomes.set(key, { answer, atMs, wasGood: 'address' in answer && atMs - startMs < slowMs });
		const [oldest] = this.#outcomes.keys();
		if (this.#outcomes.size > outcomesMax && oldest !== undefined) this.#outcomes.delete(oldest);
		return answer;
	}

	#keep({ family, name }: NameQuery, answer: Answer): void {
		if ('address' in answer) this.#kept.remember(family, name, answer.address);
		else if (answer.code !== 'name_silent') this.#kept.forget(family, name);
	}

	async #ask(query: NameQuery, startMs: number): Promise<Answer> {
		const { name, family } = query;
		const found = await this.#tryLookUp(name, family);
		if ('addresses' in found) {
			const [first] = found.addresses;
			if (first === undefined) return { code: 'name_unknown' };
			const address = found.addresses.find((one) => usable(one, query) !== null);
			return address === undefined ? useless(first) : { address };
		}
		if (!meansNone.has(found.code)) {
			const afterMs = this.#clock.monotonicMs() - startMs;
			return { code: 'name_silent', systemCode: found.code, afterMs };
		}
		const other = family === 4 ? 6 : 4;
		const others = await this.#tryLookUp(name, other);
		return 'addresses' in others ? { code: 'name_unknown', has: other } : { code: 'name_unknown' };
	}

	async #tryLookUp(
		name: string,
		family: 4 | 6,
	): Promise<{ readonly addresses: readonly string[] } | { readonly code: string }> {
		try {
			return { addresses: await this.#lookUp(name, family) };
		} catch (error) {
			return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
		}
	}
}

/** What the system's resolver says when a name does not exist or has no address of the family. */
const meansNone: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NODATA', 'EAI_ADDRFAMILY']);

function keyOf({ name, family, interface: device = '' }: NameQuery): string {
	return `${family} ${name} ${device}`;
}

/** An address that a packet can be sent to, or null. */
function usable(address: string, { interface: device }: NameQuery): string | null {
	if (isNoHost(address)) return null;
	const isLinkLocal = isIPv6(address) && /^fe[89ab]/i.test(address) && !address.includes('%');
	if (!isLinkLocal) return address;
	return device === undefined ? null : `${address}%${device}`;
}

/** The unspecified addresses, with which names are blocked: programs take them for this machine. And IPv4 in IPv6. */
function isNoHost(address: string): boolean {
	if (address === '0.0.0.0') return true;
	if (!/^[0:]/.test(address) || !isIPv6(address)) return false;
	const shortest = new SocketAddress({ address: address.replace(/%.*/, ''), family: 'ipv6' }).address;
	return shortest === '::' || shortest.startsWith('::ffff:');
}

function useless(address: string): NameFailure {
	return { code: 'name_unknown', useless: address };
}
