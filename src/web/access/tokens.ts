import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token may be for. `read`: see everything. `order`: write and remove orders. `alert`: mute and acknowledge. */
export const scopeNames = ['read', 'order', 'alert'] as const;
export type Scope = (typeof scopeNames)[number];

/** A line of the tokens file. The token itself is written nowhere. */
export interface Token {
	readonly name: string;
	readonly scopes: readonly Scope[];
	/** SHA-256 of the token, 32 bytes. */
	readonly hash: Buffer;
}

const tokenName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** Longer ones are nobody's. */
const tokenMax = 512;
/** More tokens than anybody keeps by hand. */
const linesMax = 10_000;

export function hashOf(token: string): Buffer {
	return createHash('sha256').update(token).digest();
}

/** A new token, and its line in the file. The token is told this once. */
export function newToken(
	name: string,
	granted: readonly Scope[],
): { readonly token: string; readonly line: string } {
	const token = randomBytes(32).toString('base64url');
	return { token, line: `${name} ${granted.join(',')} ${hashOf(token).toString('hex')}\n` };
}

export interface ReadTokens {
	readonly tokens: readonly Token[];
	/** What is wrong, by line: `line 3: ...`. Such lines are left out. */
	readonly findings: readonly string[];
}

/** Reads the tokens file: `NAME SCOPES SHA256` a line, scopes with commas between; `#` begins a comment line. */
export function readTokens(text: string): ReadTokens {
	const tokens: Token[] = [];
	const findings: string[] = [];
	const names = new Set<string>();
	const lines = text.split('\n', linesMax + 1);
	if (lines.length > linesMax) findings.push(`more than ${linesMax} lines: those behind are not read`);
	for (const [at, line] of lines.slice(0, linesMax).entries()) {
		const trimmed = line.trim();
		if (trimmed === '' || trimmed.startsWith('#')) continue;
		const read = readLine(trimmed, names);
		if ('fault' in read) findings.push(`line ${at + 1}: ${read.fault}`);
		else {
			names.add(read.name);
			tokens.push(read);
		}
	}
	return { tokens, findings };
}

function readLine(line: string, names: ReadonlySet<string>): Token | { readonly fault: string } {
	const [name = '', granted = '', hash = '', ...more] = line.split(/\s+/, 4);
	// What stands there may be a token that somebody put there by mistake: it is not shown.
	if (hash === '' || more.length > 0)
		return {
			fault: 'must be NAME SCOPES SHA256. `pingmachine web token NAME --scope read` writes such a line',
		};
	if (!tokenName.test(name))
		return { fault: 'the name must have letters, digits, dots, - and _, at most 63' };
	if (names.has(name)) return { fault: `there is a token called ${name} already. Remove one of the two` };
	const list = granted.split(',');
	const unknown = list.find((scope) => !isScope(scope));
	if (unknown !== undefined || list.length > scopeNames.length)
		return { fault: `the scopes of ${name} must be of ${scopeNames.join(', ')}, with commas between` };
	if (!/^[0-9a-f]{64}$/i.test(hash))
		return { fault: `the third word of ${name} must be the SHA-256 of the token, in 64 hexadecimal digits` };
	return { name, scopes: list.filter(isScope), hash: Buffer.from(hash, 'hex') };
}

export function isTokenName(text: string): boolean {
	return tokenName.test(text);
}

export function isScope(text: string): text is Scope {
	return (scopeNames as readonly string[]).includes(text);
}

/** Whose token it is; null when it is nobody's. Takes equally long whichever it is. */
export function holderOf(tokens: readonly Token[], presented: string): Token | null {
	if (presented.length > tokenMax) return null;
	const hash = hashOf(presented);
	let holder: Token | null = null;
	for (const token of tokens) if (timingSafeEqual(token.hash, hash)) holder = token;
	return holder;
}
