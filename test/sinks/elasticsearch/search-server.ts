import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Asked {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	/** Unpacked. */
	readonly body: string;
}

interface Told {
	readonly status: number;
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
}

/** What it answers; null: never. */
export type Script = (asked: Asked) => Told | null;

/** A server that answers as Elasticsearch's and OpenSearch's pages say, with what they need a licence or a plug-in for. */
export class SearchServer {
	readonly asked: Asked[] = [];
	/** May be changed at any time. */
	script: Script;
	readonly #server: Server;
	readonly #folder: string | null;

	private constructor(script: Script, isTls: boolean) {
		this.script = script;
		this.#folder = isTls ? mkdtempSync(join(tmpdir(), 'pingmachine-search-')) : null;
		const listener: RequestListener = async (request, response) => {
			const pieces: Buffer[] = [];
			for await (const piece of request) pieces.push(piece as Buffer);
			const raw = Buffer.concat(pieces);
			const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
			const asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
			this.asked.push(asked);
			const told = this.script(asked);
			if (told === null) return;
			const text = typeof told.body === 'string' ? told.body : JSON.stringify(told.body ?? {});
			response.writeHead(told.status, { 'content-type': 'application/json', ...told.headers }).end(text);
		};
		this.#server =
			this.#folder === null
				? createServer(listener)
				: createTlsServer(
						{
							cert: readFileSync(makeCertificate(this.#folder)),
							key: readFileSync(`${this.#folder}/key.pem`),
						},
						listener,
					);
	}

	static async open(script: Script, { isTls = false } = {}): Promise<SearchServer> {
		const server = new SearchServer(script, isTls);
		server.#server.listen(0, '127.0.0.1');
		await once(server.#server, 'listening');
		return server;
	}

	get url(): string {
		const { port } = this.#server.address() as { port: number };
		return `http${this.#folder === null ? '' : 's'}://127.0.0.1:${port}`;
	}

	get caFile(): string {
		return join(this.#folder ?? '', 'cert.pem');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.close();
		this.#server.closeAllConnections();
		if (this.#folder !== null) rmSync(this.#folder, { recursive: true });
	}
}

function makeCertificate(folder: string): string {
	const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
	const names = ['-subj', '/CN=search', '-addext', 'subjectAltName=IP:127.0.0.1'];
	const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
	execFileSync('openssl', ['req', ...made, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
	return cert;
}

/** `_bulk` that takes everything. */
export const takesAll: Script = ({ body }) => {
	const items = body.trimEnd().split('\n').length / 2;
	return {
		status: 200,
		body: { took: 1, errors: false, items: Array.from({ length: items }, () => item(201)) },
	};
};

/** What is said of one document. */
export function item(status: number, type?: string, reason = '', because?: string): object {
	const cause = because === undefined ? {} : { caused_by: { type: 'x', reason: because } };
	const error = type === undefined ? {} : { error: { type, reason, ...cause } };
	return { create: { _index: 'results', _id: 'x', status, ...error } };
}
