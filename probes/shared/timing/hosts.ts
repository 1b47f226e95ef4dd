import { isIP } from 'node:net';
import type { FoundAddress, NameFailure, ProbeTools } from '../../../src/model/probe.ts';
import { type FamilyRemedy, nameFailureText } from '../look-up.ts';
import type { Family } from './names.ts';
import type { Failure } from './pings.ts';

const byFamily: FamilyRemedy = (has) => `write family: ${has}, or auto`;

/**
 * The addresses of hosts, looked up once, and why others have none. `auto` is IPv4, or IPv6 when there is none, and the
 * family of the address to send from where there is one.
 */
export async function addressesOfHosts(
	hosts: readonly string[],
	{ family, sourceIp }: { readonly family: Family; readonly sourceIp?: string | undefined },
	withinMs: number,
	{ resolve }: Pick<ProbeTools, 'resolve'>,
): Promise<Map<string, FoundAddress | Failure>> {
	const wanted = family === 'auto' && sourceIp !== undefined ? (sourceIp.includes(':') ? 6 : 4) : family;
	const answers = new Map<string, FoundAddress | NameFailure>();
	const ask = async (names: readonly string[], one: 4 | 6) => {
		// A literal address has the family that it has.
		const queries = names.map((name) => ({ name, family: isIP(name) === 6 ? (6 as const) : one }));
		for (const [name, answer] of await resolve(queries, withinMs)) answers.set(name, answer);
	};
	await ask(hosts, wanted === 6 ? 6 : 4);
	const without = hosts.filter((host) => 'code' in (answers.get(host) ?? {}));
	if (wanted === 'auto' && without.length > 0) await ask(without, 6);
	const found = new Map<string, FoundAddress | Failure>();
	for (const [host, answer] of answers) {
		const text = 'code' in answer ? nameFailureText(host, answer, byFamily) : '';
		found.set(host, 'code' in answer ? { failure: text, code: answer.code } : answer);
	}
	return found;
}
