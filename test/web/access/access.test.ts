import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { isOurHost } from '../../../src/web/access/hosts.ts';
import {
	cookieIn,
	holderOfSession,
	isPageSecret,
	pageSecret,
	sessionFor,
	sessionSeconds,
	setCookie,
} from '../../../src/web/access/sessions.ts';
import { hashOf, holderOf, isScope, newToken, readTokens } from '../../../src/web/access/tokens.ts';

const now = 1_795_240_800;

describe('tokens', () => {
	test('a new one is of letters, digits, - and _, and its line does not hold it', () => {
		const { token, line } = newToken('grafana', ['read', 'alert']);
		expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
		expect(line).toBe(`grafana read,alert ${hashOf(token).toString('hex')}\n`);
		const { tokens, findings } = readTokens(`# ours\n\n${line}`);
		expect(findings).toEqual([]);
		expect(holderOf(tokens, token)).toMatchObject({ name: 'grafana', scopes: ['read', 'alert'] });
		expect(holderOf(tokens, `${token}x`)).toBeNull();
		expect(holderOf(tokens, '')).toBeNull();
		expect(holderOf(tokens, 'a'.repeat(1_000_000))).toBeNull();
	});

	test.each([
		['my secret', 'NAME SCOPES SHA256'],
		[`a read ${'0'.repeat(64)} more`, 'NAME SCOPES SHA256'],
		[`a/b read ${'0'.repeat(64)}`, 'the name'],
		[`a write ${'0'.repeat(64)}`, 'read, order, alert'],
		['a read 123', '64 hexadecimal digits'],
	])('%s is a finding, which shows no secret', (line, part) => {
		const { tokens, findings } = readTokens(`ok read ${'1'.repeat(64)}\n${line}\n`);
		expect(tokens).toHaveLength(1);
		expect(findings).toHaveLength(1);
		expect(findings[0]).toMatch(/^line 2: /);
		expect(findings[0]).toContain(part);
		expect(findings[0]).not.toContain('secret');
	});

	test('two of one name are one and a finding', () => {
		const line = `a read ${'1'.repeat(64)}\n`;
		expect(readTokens(line + line)).toMatchObject({
			tokens: [{ name: 'a' }],
			findings: [/line 2.*called a/],
		});
	});

	test('a scope is one of three', () => {
		expect(['read', 'order', 'alert', 'admin', ''].map(isScope)).toEqual([true, true, true, false, false]);
	});
});

describe('sessions', () => {
	const { tokens } = readTokens(newToken('ann', ['order']).line + newToken('bob', ['read']).line);
	const [ann, bob] = tokens as [(typeof tokens)[0], (typeof tokens)[0]];

	test('are of whom they were made for, until they end', () => {
		const cookie = sessionFor(ann, now);
		expect(holderOfSession(tokens, cookie, now + sessionSeconds - 1)).toBe(ann);
		expect(holderOfSession(tokens, cookie, now + sessionSeconds)).toBeNull();
		expect(holderOfSession([bob], cookie, now)).toBeNull();
		expect(holderOfSession(readTokens(newToken('ann', ['order']).line).tokens, cookie, now)).toBeNull();
		expect(sessionFor(ann, now)).not.toBe(cookie);
	});

	test('cannot be forged, made longer or given to another', () => {
		const cookie = sessionFor(bob, now);
		for (const forged of [
			cookie.replace('bob', 'ann'),
			cookie.replace(String(now + sessionSeconds), String(now + 10 * sessionSeconds)),
			cookie.slice(0, -1),
			`${cookie}~`,
			'',
			'~',
			'~~~',
			'ann~9999999999~x~',
		])
			expect(holderOfSession(tokens, forged, now)).toBeNull();
	});

	test('have a second value of their own', () => {
		const cookie = sessionFor(ann, now);
		expect(isPageSecret(ann, cookie, pageSecret(ann, cookie))).toBe(true);
		expect(isPageSecret(ann, cookie, pageSecret(ann, sessionFor(ann, now)))).toBe(false);
		expect(isPageSecret(ann, cookie, cookie.slice(cookie.lastIndexOf('~') + 1))).toBe(false);
		expect(isPageSecret(ann, cookie, '')).toBe(false);
	});

	test('come and go by a cookie that scripts and other sites cannot use', () => {
		expect(setCookie('abc', true)).toBe(
			'pingmachine_session=abc; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure',
		);
		expect(setCookie('', false)).toContain('Max-Age=0; HttpOnly');
		expect(cookieIn('a=b; pingmachine_session=abc~d; c=d')).toBe('abc~d');
		expect(cookieIn('xpingmachine_session=abc')).toBeNull();
		expect(cookieIn(undefined)).toBeNull();
	});
});

describe('whom a request was meant for', () => {
	const own = new Set(['ping.example.net']);
	test.each([
		['127.0.0.1:9922', true],
		['[::1]:9922', true],
		['192.0.2.7', true],
		['localhost', true],
		['localhost:9922', true],
		[`${hostname()}:9922`, true],
		['ping.example.net', true],
		['Ping.Example.NET.:443', true],
		[undefined, true],
		['evil.example', false],
		['127.0.0.1.evil.example', false],
		['evil.example:9922', false],
		['user@127.0.0.1', false],
		['', false],
		['a'.repeat(100_000), false],
	])('%s: %s', (host, is) => {
		expect(isOurHost(host?.toString(), own)).toBe(is);
	});
});
