import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `silent`: takes questions and says nothing. `servfail`, `refused`: says at once that it cannot, or will not, tell. */
type Mode = 'answers' | 'silent' | 'servfail' | 'refused';

const responseCode = { answers: 0, nxdomain: 3, servfail: 2, refused: 5 } as const;
const addressType = { 4: 1, 6: 28 } as const;
const headerBytes = 12;

/** A DNS server on 127.0.0.1, port 53, in the network of this thread. */
export class NameServer {
	mode: Mode = 'answers';
	/** By name: its addresses. A name that is not here does not exist, and it says so. */
	readonly names = new Map<string, { readonly 4?: readonly string[]; readonly 6?: readonly string[] }>();
	/** How many questions have come. */
	asked = 0;
	readonly #folder = mkdtempSync(join(tmpdir(), 'pingmachine-names-'));
	readonly #socket: Socket;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.on('message', (question, from) => this.#take(question, from));
		writeFileSync(join(this.#folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
		writeFileSync(join(this.#folder, 'nsswitch.conf'), 'hosts: files dns\n');
		writeFileSync(join(this.#folder, 'hosts'), '127.0.0.1 localhost\n');
	}

	static async open(): Promise<NameServer> {
		const socket = createSocket('udp4');
		await new Promise<void>((listening, failed) => {
			socket.once('error', failed).bind(53, '127.0.0.1', listening);
		});
		return new NameServer(socket);
	}

	/** Words that start other commands so that they ask this server, in a mount namespace of their own. */
	get prefix(): string[] {
		const mounts = ['resolv.conf', 'nsswitch.conf', 'hosts'].map(
			(name) => `mount --bind ${this.#folder}/${name} /etc/${name}`,
		);
		return ['unshare', '--mount', '--', 'sh', '-c', [...mounts, 'exec "$@"'].join(' && '), 'sh'];
	}

	close(): void {
		this.#socket.close();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	#take(question: Buffer, { address, port }: RemoteInfo): void {
		this.asked++;
		if (this.mode === 'silent') return;
		this.#socket.send(this.#answerTo(question, this.mode), port, address);
	}

	#answerTo(question: Buffer, mode: Exclude<Mode, 'silent'>): Buffer {
		const { name, end } = nameIn(question);
		const type = question.readUInt16BE(end);
		const known = this.names.get(name);
		const family = type === addressType[6] ? 6 : 4;
		const found = mode === 'answers' && (type === addressType[4] || family === 6) ? known?.[family] : [];
		const code = mode === 'answers' && known === undefined ? responseCode.nxdomain : responseCode[mode];
		const header = Buffer.alloc(headerBytes);
		question.copy(header, 0, 0, 2);
		header.writeUInt16BE(0x8180 | code, 2);
		header.writeUInt16BE(1, 4);
		header.writeUInt16BE(found?.length ?? 0, 6);
		const records = (found ?? []).map((one) => recordOf(one, family));
		return Buffer.concat([header, question.subarray(headerBytes, end + 4), ...records]);
	}
}

function nameIn(question: Buffer): { name: string; end: number } {
	const labels: string[] = [];
	let at = headerBytes;
	for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
		labels.push(question.toString('latin1', at + 1, at + 1 + length));
		at += 1 + length;
	}
	return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** It points to the name of the question. IPv6 addresses have to be written in full. */
function recordOf(address: string, family: 4 | 6): Buffer {
	const data =
		family === 4
			? Buffer.from(address.split('.').map(Number))
			: Buffer.from(
					address
						.split(':')
						.map((group) => group.padStart(4, '0'))
						.join(''),
					'hex',
				);
	const fixed = Buffer.alloc(12);
	fixed.writeUInt16BE(0xc000 | headerBytes, 0);
	fixed.writeUInt16BE(addressType[family], 2);
	fixed.writeUInt16BE(1, 4);
	fixed.writeUInt16BE(data.length, 10);
	return Buffer.concat([fixed, data]);
}
