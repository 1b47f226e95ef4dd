import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PublicPart } from '../../config/web-setting.ts';
import type { Scope, Token } from '../access/tokens.ts';

/** One request, looked through and admitted. */
export interface Asked {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	/** The parameters behind `?`. */
	readonly query: URLSearchParams;
	/** The parts of the path that the route names, percent-decoded. */
	readonly path: Readonly<Record<string, string>>;
	/** Whose token or session it came with; null: nobody's, and none is needed. */
	readonly who: Token | null;
	/** The session's cookie, where it came with one. */
	readonly session: string | null;
	/** The body, at most so many bytes as the route takes; rejects with a `RequestFault` when there is more. */
	body(): Promise<Buffer>;
}

/** What is at a path. */
export interface Route {
	readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
	/** `/api/v1/orders/:id/last`: what begins with a colon is any one part, percent-encoded by the client. */
	readonly path: string;
	/** Who need no token is told by `public:`; of several parts one is enough. Null: nobody needs one. */
	readonly part: PublicPart | readonly PublicPart[] | null;
	/** What a token must be for. Of what changes something it is never `read`. */
	readonly scope: Scope;
	/** Anybody may, though it is no `GET`: it is how one logs in. */
	readonly isOpen?: true;
	/** The second value of a session comes in a field of the form, and the route itself looks at it. */
	readonly hasSecretInForm?: true;
	/** For browsers, of two routes at one path: the other one is for programs. */
	readonly isPage?: true;
	/** Bytes of body that are taken; none by default. */
	readonly bodyMax?: number;
	/** Answers. What it throws is told: a `RequestFault` to the client, all else to the log. */
	handle(asked: Asked): void | Promise<void>;
}

/** The client asked for what cannot be. The message is for the user and names the remedy. */
export class RequestFault extends Error {
	override readonly name = 'RequestFault';
	readonly status: number;
	/** Stands in the answer beside `error`. */
	readonly details: Readonly<Record<string, unknown>>;

	constructor(status: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
		super(message);
		this.status = status;
		this.details = details;
	}
}
