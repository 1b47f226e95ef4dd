import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Token } from './tokens.ts';

/** How long one stays logged in, seconds. */
export const sessionSeconds = 12 * 3600;
const cookieName = 'pingmachine_session';

/**
 * Sessions of browsers are kept nowhere: the cookie has the name of the token, when it ends and a random part, signed
 * with the hash of the token. It ends with its time, and when the token's line is removed from the file.
 */
export function sessionFor(token: Token, nowSeconds: number): string {
	const head = `${token.name}~${Math.floor(nowSeconds) + sessionSeconds}~${randomBytes(9).toString('base64url')}`;
	return `${head}~${signature(token, 'session', head)}`;
}

/** Whose session it is; null when it is nobody's, or over. */
export function holderOfSession(tokens: readonly Token[], cookie: string, nowSeconds: number): Token | null {
	const end = cookie.lastIndexOf('~');
	if (end < 0 || cookie.length > 400) return null;
	const head = cookie.slice(0, end);
	const [name = '', expires = ''] = head.split('~');
	const token = tokens.find((one) => one.name === name);
	if (token === undefined || !isEqual(cookie.slice(end + 1), signature(token, 'session', head))) return null;
	return Number(expires) > nowSeconds ? token : null;
}

/** The second value that pages send with changes: other sites can make a browser send the cookie, but not this. */
export function pageSecret(token: Token, cookie: string): string {
	return signature(token, 'page', cookie);
}

export function isPageSecret(token: Token, cookie: string, presented: string): boolean {
	return isEqual(presented, pageSecret(token, cookie));
}

function signature(token: Token, purpose: string, text: string): string {
	return createHmac('sha256', token.hash).update(`${purpose}\n${text}`).digest('base64url');
}

function isEqual(presented: string, wanted: string): boolean {
	const [a, b] = [Buffer.from(presented), Buffer.from(wanted)];
	return a.length === b.length && timingSafeEqual(a, b);
}

/** The value of our cookie in a `Cookie` header, or null. */
export function cookieIn(header: string | undefined): string | null {
	for (const part of (header ?? '').slice(0, 8192).split(';')) {
		const at = part.indexOf('=');
		if (part.slice(0, at).trim() === cookieName) return part.slice(at + 1).trim();
	}
	return null;
}

/** The `Set-Cookie` header of a session; an empty session ends it. */
export function setCookie(session: string, isTls: boolean): string {
	const seconds = session === '' ? 0 : sessionSeconds;
	return `${cookieName}=${session}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isTls ? '; Secure' : ''}`;
}
