import type { IncomingMessage } from 'node:http';
import type { WebSettings } from '../../config/web-setting.ts';
import { isOurHost } from '../access/hosts.ts';
import { cookieIn, holderOfSession, isPageSecret } from '../access/sessions.ts';
import { holderOf, type Token } from '../access/tokens.ts';
import { RequestFault, type Route } from './route.ts';

/** The header in which pages send the second value with what changes something. */
export const pageSecretHeader = 'x-pingmachine-page';

/** Who asks: a token's holder by `Authorization` or by the session of a browser, or anybody. */
export interface Asker {
	readonly who: Token | null;
	readonly session: string | null;
}

/** Says who may do what. */
export class Admission {
	readonly #settings: Pick<WebSettings, 'public' | 'hosts' | 'tokensFile'>;
	readonly #tokens: () => readonly Token[];
	readonly #ownHosts: ReadonlySet<string>;
	readonly #nowSeconds: () => number;

	constructor(
		settings: Pick<WebSettings, 'public' | 'hosts' | 'tokensFile'>,
		tokens: () => readonly Token[],
		nowSeconds: () => number,
	) {
		this.#settings = settings;
		this.#tokens = tokens;
		this.#ownHosts = new Set(settings.hosts);
		this.#nowSeconds = nowSeconds;
	}

	/** Who asks. Throws `RequestFault` at a token that nobody has, and at a name that is not ours. */
	asker({ headers }: IncomingMessage): Asker {
		const { authorization } = headers;
		if (authorization !== undefined) {
			const presented = /^Bearer +([A-Za-z0-9_-]{1,512})$/i.exec(authorization)?.[1] ?? '';
			const who = holderOf(this.#tokens(), presented);
			if (who === null) throw new RequestFault(401, 'this token is not known');
			return { who, session: null };
		}
		const cookie = cookieIn(headers.cookie);
		const who = cookie === null ? null : holderOfSession(this.#tokens(), cookie, this.#nowSeconds());
		// What other sites make a browser send comes without our cookie, and under their own name.
		if (who === null && !isOurHost(headers.host, this.#ownHosts))
			throw new RequestFault(
				421,
				'this server is not called so. Ask by its address, or write the name below web: hosts: in the config',
			);
		return { who, session: who === null ? null : cookie };
	}

	/** Throws `RequestFault` when it is not for this asker. */
	admit(route: Route, { who, session }: Asker, { headers }: IncomingMessage): void {
		if (route.isOpen) return;
		const changes = route.method !== 'GET';
		const isPublic =
			route.part === null || [route.part].flat().some((part) => this.#settings.public.includes(part));
		if (isPublic && !changes) return;
		if (who === null) throw this.#needsToken(changes, route);
		if (!who.scopes.includes(route.scope))
			throw new RequestFault(403, `the token ${who.name} is not for this. It needs the scope ${route.scope}`);
		if (!changes || session === null || route.hasSecretInForm) return;
		const secret = headers[pageSecretHeader];
		if (typeof secret !== 'string' || !isPageSecret(who, session, secret))
			throw new RequestFault(403, 'this did not come from a page of ours. Load the page again');
	}

	#needsToken(changes: boolean, { scope }: Route): RequestFault {
		if (changes && this.#settings.tokensFile === null)
			return new RequestFault(
				401,
				'nothing can be changed here without tokens. Write web: tokens_file: in the config, and make a token: ' +
					`pingmachine web token NAME --scope ${scope}`,
			);
		return new RequestFault(401, `a token is needed: Authorization: Bearer TOKEN, of scope ${scope}`);
	}
}
