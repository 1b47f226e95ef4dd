import { z } from 'zod';
import type { Facts } from '../../src/model/facts.ts';
import { once } from '../../src/model/once.ts';
import type { Job, Probe, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import { checkAddressing, flagOption, hostOption } from '../shared/addressing.ts';
import { commandSetting } from '../shared/command.ts';
import { checkInterval, intervalOption } from '../shared/fping-pace.ts';
import { byTarget, lookUpTargets, restOfWindow } from '../shared/look-up.ts';
import { countedReasons, lossFacts } from '../shared/loss-reasons.ts';
import { knownToBeSent } from '../shared/sendable.ts';
import { delayedFact } from '../shared/timing/results.ts';
import { closeTimingThread, runInTimingThread } from '../shared/timing/thread.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { ownIdentification } from './identification.ts';
import { assertKeyscan, type HostKeys, hostKeys, keyTypeOption } from './keys.ts';
import { batchMax, needMs, paceOf } from './pace.ts';
import type { SshOutcome, SshRun } from './run.ts';

interface SshOptions extends Readonly<Record<string, unknown>> {
	readonly host: string;
	readonly port: number;
	readonly ipv6?: boolean | undefined;
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
	/** Which host key the server must have. */
	readonly key_type?: string | undefined;
}

interface SshSettings {
	/** The program ssh-keyscan: a name, or an absolute path. */
	readonly keyscan?: string | undefined;
}

const portMax = 65_535;

const sectionSchema = once(() =>
	z.strictObject({
		host: hostOption(),
		port: z.preprocess(
			(value) => (typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value),
			z.int().min(1).max(portMax).default(22),
		),
		ipv6: flagOption(),
		interval: intervalOption(),
		key_type: keyTypeOption().optional(),
	}),
);

const settingsSchema = once(() => z.strictObject({ keyscan: commandSetting('/usr/bin/ssh-keyscan') }));

/**
 * The time from connecting to the whole identification string of an SSH server, measured in a thread of its own. See
 * `ping` for what is lost.
 */
export const ssh: Probe<SshOptions, SshSettings> = {
	name: 'ssh',
	get options() {
		return sectionSchema();
	},
	target: 'host',
	intervalUnit: 'ms',
	get settings() {
		return settingsSchema();
	},
	lanes: 4,
	facts: [
		{ name: 'identification', kind: 'text', help: 'what the server last called itself', per: 'measurement' },
		{
			name: 'host_key_type',
			kind: 'text',
			help: 'type of the host key that the server has shown, where the order asks for one',
			per: 'measurement',
		},
		delayedFact,
	],
	batchMax,
	needMs,
	check: (order, timing) => [...checkAddressing(order, false), ...checkInterval(order.interval, timing)],
	measure,
	close: closeTimingThread,
};

async function measure(job: Job<SshOptions>, tools: ProbeTools<SshSettings>): Promise<ProbeResults> {
	const startedMs = tools.clock.monotonicMs();
	const { port, key_type: keyType, interval } = job.options;
	const keyTools = { ...tools, program: tools.settings.keyscan ?? 'ssh-keyscan' };
	// Rather at once than when all has been measured.
	if (keyType !== undefined) await assertKeyscan(keyTools);
	const { addresses, failures } = await lookUpTargets(job, tools);
	const unique = [...new Set(addresses.values())];
	if (unique.length === 0) return failures;

	const pace = paceOf(restOfWindow(job, tools.clock.monotonicMs() - startedMs), job.pings, interval);
	const identification = ownIdentification(tools.version);
	const run = { addresses: unique, port, pings: job.pings, ...pace, identification };
	const watching = watchingHosts(unique, addresses, tools.early);
	const outcomes = await runInTimingThread<SshRun, ReadonlyMap<string, SshOutcome>>(
		new URL('./run.js', import.meta.url),
		run,
		tools.signal,
		watching,
	);
	let keys: HostKeys = { types: new Map(), without: new Set() };
	if (keyType !== undefined) {
		const answering = unique.filter((address) => hasAnswered(outcomes.get(address)));
		const leftMs = startedMs + job.windowMs - tools.clock.monotonicMs();
		if (answering.length > 0 && !tools.signal.aborted)
			keys = await hostKeys(answering, keyType, port, leftMs, keyTools);
	}
	tools.note(noteOf(unique.length, port, pace, keyType, keys.without));
	const results = new Map<string, TargetResult>();
	for (const [address, outcome] of outcomes) {
		const lack = keys.without.has(address) ? `no host key of type ${keyType}` : null;
		results.set(address, resultOf(outcome, keys.types.get(address), lack));
	}
	const known = await knownToBeSent(results, {});
	return byTarget(addresses, known, failures);
}

function hasAnswered(outcome: SshOutcome | undefined): boolean {
	return outcome?.samples.some(({ rttSeconds }) => rttSeconds !== null) ?? false;
}

/** A server without the key is not the one that was asked for: what it answered does not count. */
function resultOf(
	{ samples, delayed, losses, failure, identification }: SshOutcome,
	keyType: string | undefined,
	lack: string | null,
): TargetResult {
	if (samples.length === 0) {
		return failure ?? { failure: 'ssh was stopped before a ping was over', code: 'stopped' };
	}
	const known: Facts = {
		delayed,
		...(identification === null ? {} : { identification }),
		...(keyType === undefined ? {} : { host_key_type: keyType }),
	};
	if (lack === null) return { samples, facts: { ...known, ...factsOf(losses, samples.length) } };
	const lost = samples.map(({ sentAtSeconds }) => ({ sentAtSeconds, rttSeconds: null }));
	const answered = samples.filter(({ rttSeconds }) => rttSeconds !== null);
	const reasons = [...losses, ...answered.map(() => lack)];
	return { samples: lost, facts: { ...known, ...factsOf(reasons, samples.length) } };
}

function factsOf(losses: readonly string[], sent: number): Facts {
	return lossFacts(countedReasons(losses), sent);
}

/** So many addresses are named in the note. */
const namedMax = 5;

function noteOf(
	addresses: number,
	port: number,
	pace: { readonly intervalMs: number; readonly timeoutMs: number },
	keyType: string | undefined,
	without: ReadonlySet<string>,
): string {
	const how = `connects to port ${port} of ${addresses} ${addresses === 1 ? 'address' : 'addresses'} in the timing thread`;
	const when = `every ${Math.round(pace.intervalMs)} ms, waits ${pace.timeoutMs} ms for the identification string`;
	if (keyType === undefined) return `${how}, ${when}`;
	const named = [...without].slice(0, namedMax).join(', ');
	const more = without.size > namedMax ? ` and ${without.size - namedMax} more` : '';
	const lack = without.size === 0 ? '' : `: not there, so all is lost: ${named}${more}`;
	return `${how}, ${when}, then ssh-keyscan for a host key of type ${keyType}${lack}`;
}
