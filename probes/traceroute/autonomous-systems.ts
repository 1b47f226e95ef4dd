import { readFile, stat } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { Reader } from 'mmdb-lib';
import { z } from 'zod';
import { once } from '../../src/model/once.ts';
import { printable } from '../../src/model/printable.ts';
import { isPublic, reversed } from './ip-text.ts';

/** To whom an address belongs. */
export interface AutonomousSystem {
	readonly as: number;
	readonly asName?: string | undefined;
	/** The prefix by which it is known to the world. */
	readonly origin?: string | undefined;
}

/** Asks a name server for texts. Null: there are none. Rejects when it does not answer. */
export type AskTexts = (name: string) => Promise<readonly string[] | null>;

const nameMax = 100;

/** By Team Cymru's DNS: `64500 | 192.0.2.0/24 | CH | ripencc | 2010-01-01`. */
async function systemByDns(address: string, ask: AskTexts): Promise<AutonomousSystem | null> {
	const zone = isIPv4(address) ? 'origin.asn.cymru.com' : 'origin6.asn.cymru.com';
	const texts = await ask(`${reversed(address)}.${zone}`);
	const origin = originIn(texts?.[0] ?? '');
	if (origin === null) return null;
	const names = await ask(`AS${origin.as}.asn.cymru.com`).catch(() => null);
	const asName = nameIn(names?.[0] ?? '');
	return asName === null ? origin : { ...origin, asName };
}

/** Of several systems the first one. Null for what is no such text. */
export function originIn(text: string): AutonomousSystem | null {
	const [numbers = '', prefix = ''] = text.slice(0, 500).split('|');
	const as = Number(/^\s*(\d{1,10})\b/.exec(numbers)?.[1]);
	if (!(as > 0 && as <= 0xffff_ffff)) return null;
	const origin = prefix.trim();
	return /^[\da-f.:]{2,45}\/\d{1,3}$/i.test(origin) ? { as, origin } : { as };
}

/** `64500 | CH | ripencc | 2010-01-01 | EXAMPLE-AS Example, CH`. */
export function nameIn(text: string): string | null {
	const name = text.slice(0, 500).split('|')[4]?.trim() ?? '';
	return name === '' ? null : printable(name.slice(0, nameMax));
}

/** Of the databases that there are: GeoLite2-ASN and its like. */
const recordSchema = once(() =>
	z.object({
		autonomous_system_number: z.int().min(1).max(0xffff_ffff),
		autonomous_system_organization: z.string().optional(),
	}),
);

const fileMaxBytes = 256 << 20;
const lookAgainMs = 60_000;

/** An MMDB file, which is read anew when it has changed. */
export class SystemsFile {
	readonly #path: string;
	readonly #nowMs: () => number;
	#reader: Reader<Record<string, never>> | null = null;
	#version = '';
	#lookedMs = Number.NEGATIVE_INFINITY;

	constructor(path: string, nowMs: () => number) {
		this.#path = path;
		this.#nowMs = nowMs;
	}

	/** Rejects with an `Error` for the user when the file cannot be read. */
	async find(address: string): Promise<AutonomousSystem | null> {
		await this.#refresh();
		if (this.#reader === null) return null;
		const [found, bits] = this.#reader.getWithPrefixLength(address);
		const read = recordSchema().safeParse(found);
		if (!read.success) return null;
		const { autonomous_system_number: as, autonomous_system_organization: name } = read.data;
		const asName = name === undefined || name === '' ? undefined : printable(name.slice(0, nameMax));
		return { as, asName, origin: prefixOf(address, bits) };
	}

	async #refresh(): Promise<void> {
		if (this.#nowMs() - this.#lookedMs < lookAgainMs) return;
		this.#lookedMs = this.#nowMs();
		const { size, mtimeMs, ino } = await stat(this.#path);
		const version = `${size} ${mtimeMs} ${ino}`;
		if (version === this.#version) return;
		if (size > fileMaxBytes) throw new Error(`${this.#path} has ${size} bytes: too much for such a file`);
		this.#version = version;
		this.#reader = new Reader(await readFile(this.#path));
	}
}

/** The network that an address is in, by its length. */
function prefixOf(address: string, bits: number): string | undefined {
	if (!isIPv4(address) || bits > 32) return undefined;
	const word = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
	const size = 2 ** (32 - bits);
	const net = Math.floor(word / size) * size;
	return `${[24, 16, 8, 0].map((shift) => Math.floor(net / 2 ** shift) % 256).join('.')}/${bits}`;
}

/** Of an address that the world cannot know there is none. */
export function systemOf(
	address: string,
	file: SystemsFile | null,
	ask: AskTexts | null,
): Promise<AutonomousSystem | null> {
	if (!isPublic(address)) return Promise.resolve(null);
	return findIn(address, file, ask);
}

async function findIn(
	address: string,
	file: SystemsFile | null,
	ask: AskTexts | null,
): Promise<AutonomousSystem | null> {
	const found = file === null ? null : await file.find(address);
	return found === null && ask !== null ? systemByDns(address, ask) : found;
}
