import { describeFinding } from '../../model/findings.ts';
import { nameForTarget } from '../../orders/lists/id.ts';
import { readTargets, type TargetList } from '../../orders/lists/targets.ts';
import { Gathered, type Imported, nameOf } from './imported.ts';

interface Times {
	readonly step: number;
	readonly pings: number;
}

function ordersOf({ targets, findings }: TargetList, user: string, times: Times): Imported {
	const gathered = new Gathered();
	for (const finding of findings) gathered.missing(user, describeFinding(finding));
	const taken = new Map<string, string>();
	for (const { host, name } of targets) {
		const id = nameOf(name ?? nameForTarget(host));
		const before = taken.get(id);
		if (before === host) continue;
		if (before !== undefined) gathered.missing(id, `is the name of ${before} and of ${host}. Change one`);
		else gathered.orders.push({ id, fields: { user, ...times, probe: 'icmp', icmp: { host } } });
		taken.set(id, host);
	}
	return gathered;
}

/** Pingy's list: an address a line. It sends one ping a time; so do we. */
export function importPingy(text: string, stepSeconds = 15): Imported {
	return ordersOf(readTargets(text), 'pingy', { step: stepSeconds, pings: 1 });
}

/** A label of a line of metrics. */
function label(line: string, name: string): string | undefined {
	const text = new RegExp(`[{,]${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1];
	return text?.replaceAll(/\\(.)/g, '$1');
}

/** What meshping measures: its /metrics, or a list of `NAME@ADDRESS`. */
export function importMeshping(text: string): Imported {
	const lines = text.split('\n').filter((line) => line.startsWith('meshping_sent{'));
	if (lines.length === 0 && /^# (?:HELP|TYPE) /m.test(text)) {
		const gathered = new Gathered();
		gathered.missing('meshping', 'there is no meshping_sent in it, so no target');
		return gathered;
	}
	const targets = lines.flatMap((line) => {
		const [host, name] = [label(line, 'target'), label(line, 'name')];
		const named = name === undefined || name === '' ? {} : { name: `${name}@${host}` };
		return host === undefined ? [] : [{ host, ...named, tags: new Map<string, string>(), at: {} }];
	});
	const list = lines.length === 0 ? readTargets(text) : { targets, findings: [] };
	// It sends a ping every 30 s, or so it says.
	return ordersOf(list, 'meshping', { step: 30, pings: 1 });
}
