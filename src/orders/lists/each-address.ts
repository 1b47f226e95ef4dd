import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errorCode } from '../../model/errno.ts';
import type { OrderFinding } from '../../model/order.ts';
import { excerpt } from '../../model/printable.ts';
import { race } from '../../model/race.ts';
import type { Target, TargetList } from './targets.ts';

/** Node looks up four names at a time anyway. */
const lookUpsAtOnce = 8;
const timeoutMs = 15_000;

/** All addresses of a name, of both families. Rejects when there is none. */
export type LookUp = (name: string) => Promise<readonly string[]>;

const lookUpHere: LookUp = async (name) => {
	const found = await lookup(name, { all: true });
	return found.map(({ address }) => address);
};

/** One target for each address of each target, named `NAME@ADDRESS`. Names without an address become findings. */
export async function eachAddress(list: TargetList, lookUp: LookUp = lookUpHere): Promise<TargetList> {
	const targets: Target[] = [];
	const findings: OrderFinding[] = [...list.findings];
	const expanded = new Set<string>();
	for (let at = 0; at < list.targets.length; at += lookUpsAtOnce) {
		const some = list.targets.slice(at, at + lookUpsAtOnce);
		const found = await Promise.all(some.map((target) => addressesOf(target.host, lookUp)));
		for (const [index, target] of some.entries()) {
			const { addresses, problem } = found[index] ?? { addresses: [] };
			if (problem !== undefined) findings.push({ ...target.at, message: problem });
			const name = target.name ?? target.host;
			if (isIP(target.host) === 0 && problem === undefined) expanded.add(name);
			for (const host of addresses) targets.push({ ...target, host, name: `${name}@${host}` });
		}
	}
	return { targets, findings, expanded };
}

async function addressesOf(
	host: string,
	lookUp: LookUp,
): Promise<{ readonly addresses: readonly string[]; readonly problem?: string }> {
	if (isIP(host) !== 0) return { addresses: [host.toLowerCase()] };
	try {
		const found = await race(lookUp(host), { ms: timeoutMs }, () => {
			throw Object.assign(new Error(), { code: 'EAI_AGAIN' });
		});
		return { addresses: [...new Set(found)].sort() };
	} catch (error) {
		const name = excerpt(host);
		return errorCode(error) === 'EAI_AGAIN'
			? {
					addresses: [],
					problem: `the name service does not answer for ${name}. Try again, or write NAME@ADDRESS`,
				}
			: {
					addresses: [],
					problem: `no address is known for the name ${name}. Correct it, or write NAME@ADDRESS`,
				};
	}
}
