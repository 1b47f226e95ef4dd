import { createHash, generateKeyPairSync, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { StartError } from '../../host/start-error.ts';
import { type Pop, wrongWithPopName } from '../../model/pop.ts';
import { privateKeyOf } from '../envelope.ts';
import { readPrivate, writePrivate } from '../private-file.ts';

export const popSchema = z.object({
	name: z.string().refine((name) => wrongWithPopName(name) === null),
	labels: z.record(z.string(), z.string()),
	place: z.object({ latitude: z.number(), longitude: z.number() }).nullable(),
	/** SHA-256 of the tokens it may come with, the newest last; two while one takes over from the other. */
	tokens: z.array(z.string()).max(2),
});
export type Registered = z.infer<typeof popSchema>;

const stateSchema = z.object({
	v: z.literal(1),
	pops: z.array(popSchema),
	/** By order: who measures it, where any of some may. */
	assigned: z.record(z.string(), z.array(z.string())).default({}),
});

/** The points of presence of a hub, and its key: files in `state/` that nobody else may read. */
export class Registry {
	readonly #path: string;
	readonly #pops = new Map<string, Registered>();
	readonly assigned = new Map<string, readonly string[]>();

	/** Throws `StartError` when what is there cannot be read. */
	constructor(stateDir: string) {
		this.#path = `${stateDir}/pops`;
		const text = asStartError(this.#path, () => readPrivate(this.#path));
		if (text === null) return;
		const state = asStartError(this.#path, () => stateSchema.parse(JSON.parse(text)));
		for (const pop of state.pops) this.#pops.set(pop.name, pop);
		for (const [id, names] of Object.entries(state.assigned)) this.assigned.set(id, names);
	}

	get pops(): readonly Registered[] {
		return [...this.#pops.values()];
	}

	get(name: string): Registered | null {
		return this.#pops.get(name) ?? null;
	}

	/** Returns the token that it is to come with. Throws the error of the file system. */
	add(pop: Pop): string {
		const token = randomBytes(32).toString('base64url');
		const place = pop.place === null ? null : { ...pop.place };
		this.#pops.set(pop.name, { name: pop.name, labels: { ...pop.labels }, place, tokens: [hashOf(token)] });
		this.save();
		return token;
	}

	/** As another hub knows it. */
	put(pop: Registered): void {
		this.#pops.set(pop.name, pop);
		this.save();
	}

	/** A token that takes over from the one before as soon as it is used. Null: there is no such point of presence. */
	rotate(name: string): string | null {
		const pop = this.#pops.get(name);
		if (pop === undefined) return null;
		const token = randomBytes(32).toString('base64url');
		pop.tokens = [...pop.tokens.slice(0, 1), hashOf(token)];
		this.save();
		return token;
	}

	/** False: there is no such point of presence. */
	remove(name: string): boolean {
		if (!this.#pops.delete(name)) return false;
		this.save();
		return true;
	}

	/** Whose token it is; null: nobody's. */
	admit(token: string): string | null {
		const hash = Buffer.from(hashOf(token));
		for (const pop of this.#pops.values()) {
			const at = pop.tokens.findIndex((known) => isEqual(Buffer.from(known), hash));
			if (at < 0) continue;
			if (at > 0) {
				pop.tokens = pop.tokens.slice(at);
				this.save();
			}
			return pop.name;
		}
		return null;
	}

	save(): void {
		const state = { v: 1, pops: [...this.#pops.values()], assigned: Object.fromEntries(this.assigned) };
		writePrivate(this.#path, `${JSON.stringify(state, null, '\t')}\n`);
	}
}

/** The key that orders are signed with: that of the file, or one of our own, made when it is missing. */
export function loadHubKey(stateDir: string, keyFile: string | null): KeyObject {
	const path = keyFile ?? `${stateDir}/hub.key`;
	return asStartError(path, () => {
		const pem = readPrivate(path);
		if (pem !== null) return privateKeyOf(pem);
		const { privateKey } = generateKeyPairSync('ed25519');
		writePrivate(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
		return privateKey;
	});
}

function asStartError<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		const { message } = error as Error;
		throw new StartError(`${path}: ${message}. Mend it, or move it away to begin anew`, { cause: error });
	}
}

function hashOf(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}

function isEqual(one: Buffer, other: Buffer): boolean {
	return one.length === other.length && timingSafeEqual(one, other);
}
