import type { CompiledRule } from './compiled-rule.ts';
import { matches, type Round } from './pattern.ts';
import { type RouteMemory, routeAfter } from './route-memory.ts';
import { advance, type Change, healthy, type Run } from './run.ts';
import { lostAfter, marksVerdict, scoreVerdict, unknownAfter } from './score.ts';
import type { Sight } from './sight.ts';
import { decide, isSlotCondition, judge, type Verdict } from './verdict.ts';

/** All that a rule remembers of an order. Plain data: as JSON it outlives the daemon. */
export interface RuleState {
	readonly run: Run;
	/** Of score rules, by place: `.` for pings that were answered, `x` for lost ones, `-` for a slot of which nothing is known, the newest last. */
	readonly pings?: Readonly<Record<string, string>>;
	/** Of route rules, by place. */
	readonly routes?: Readonly<Record<string, RouteMemory>>;
	/** Of pattern rules, by place, the oldest first. */
	readonly rounds?: Readonly<Record<string, readonly Round[]>>;
}

export const fresh: RuleState = { run: healthy };

/** One slot of an order, with what each place saw of it. */
export interface SlotSights {
	readonly startSeconds: number;
	readonly stepSeconds: number;
	readonly sights: ReadonlyMap<string, Sight>;
	/** So many slots before it are missing. */
	readonly missed?: number;
	/** The median of the seven days before at a place; null: not known. */
	lastWeek(pop: string): number | null;
}

export interface Evaluated {
	readonly state: RuleState;
	readonly verdict: Verdict;
	readonly change: Change | null;
	/** The places that see it, sorted. */
	readonly bad: readonly string[];
}

const nobody: readonly string[] = [];

/** Holds a rule against one more slot, newer than all before. A pure function. */
export function evaluate(compiled: CompiledRule, state: RuleState, slot: SlotSights): Evaluated {
	const well = lookAtWell(compiled, state, slot);
	if (well !== null) return well;
	const seen = look(compiled, state, slot);
	const verdict = verdictOf(compiled, seen.verdicts, slot);
	const { run, change } = advance(state.run, verdict, slot.startSeconds, slot.stepSeconds, compiled.counting);
	const isSame = run === state.run && seen.state === state;
	return {
		state: isSame ? state : { ...seen.state, run },
		...{ verdict, change, bad: verdict === 'bad' ? placesOf(seen.verdicts) : nobody },
	};
}

const unchanged = {
	good: { state: fresh, verdict: 'good', change: null, bad: nobody },
	between: { state: fresh, verdict: 'between', change: null, bad: nobody },
	none: { state: fresh, verdict: 'none', change: null, bad: nobody },
} as const satisfies Record<string, Evaluated>;

/** The same for what most slots are: one place, of an order with which nothing was wrong, and nothing is. */
function lookAtWell({ rule, counts }: CompiledRule, state: RuleState, slot: SlotSights): Evaluated | null {
	const { condition, quorum } = rule;
	if (state !== fresh || slot.sights.size !== 1 || quorum !== null) return null;
	const [[pop, sight] = ['', null]] = slot.sights;
	if (sight === null || !counts(pop)) return unchanged.none;
	if (condition.kind === 'unknown') return sight.isKnown ? unchanged.good : null;
	if (!isSlotCondition(condition)) return null;
	const verdict = judge(condition, sight, () => slot.lastWeek(pop));
	return verdict === 'bad' ? null : unchanged[verdict];
}

function placesOf(verdicts: ReadonlyMap<string, Verdict>): readonly string[] {
	return [...verdicts].flatMap(([pop, verdict]) => (verdict === 'bad' ? [pop] : [])).sort();
}

interface Seen {
	readonly state: RuleState;
	readonly verdicts: ReadonlyMap<string, Verdict>;
}

function look(compiled: CompiledRule, state: RuleState, slot: SlotSights): Seen {
	const { condition } = compiled.rule;
	if (isSlotCondition(condition)) {
		const judged = (sight: Sight, pop: string) => judge(condition, sight, () => slot.lastWeek(pop));
		return { state, verdicts: eachPlace(compiled, slot, judged) };
	}
	switch (condition.kind) {
		case 'unknown':
			return { state, verdicts: eachPlace(compiled, slot, ({ isKnown }) => (isKnown ? 'good' : 'bad')) };
		case 'score':
			return lookAtPings(compiled, state, slot);
		case 'route':
			return lookAtRoutes(compiled, state, slot);
		default:
			return lookAtRounds(compiled, state, slot);
	}
}

function eachPlace(
	compiled: CompiledRule,
	{ sights }: SlotSights,
	judged: (sight: Sight, pop: string) => Verdict,
): ReadonlyMap<string, Verdict> {
	const verdicts = new Map<string, Verdict>();
	for (const [pop, sight] of sights) {
		if (compiled.counts(pop)) verdicts.set(pop, judged(sight, pop));
	}
	return verdicts;
}

/** Nothing is known where no place knows anything; all else is as the quorum says. */
function verdictOf(
	{ rule }: CompiledRule,
	verdicts: ReadonlyMap<string, Verdict>,
	{ sights }: SlotSights,
): Verdict {
	const { condition, quorum } = rule;
	if (condition.kind === 'score') return scoreVerdict(condition, verdicts.values());
	if (condition.kind !== 'unknown' || quorum !== null) return decide(verdicts.values(), quorum);
	// That nobody has said anything is what it is about.
	if (sights.size === 0) return 'bad';
	const said = [...verdicts.values()];
	return said.length === 0 ? 'none' : said.includes('good') ? 'good' : 'bad';
}

function lookAtPings(compiled: CompiledRule, state: RuleState, { sights }: SlotSights): Seen {
	const { condition } = compiled.rule;
	if (condition.kind !== 'score') return { state, verdicts: new Map() };
	const before = state.pings ?? {};
	const pings: Record<string, string> = {};
	for (const pop of new Set([...Object.keys(before), ...sights.keys()])) {
		if (!compiled.counts(pop)) continue;
		const marks = before[pop];
		const lost = sights.get(pop)?.lostPings() ?? null;
		if (lost !== null) pings[pop] = lostAfter(marks ?? '', lost, condition.of);
		else if (marks !== undefined) pings[pop] = unknownAfter(marks, condition.of);
	}
	return { state: { ...state, pings }, verdicts: pingVerdicts(condition.failed, pings) };
}

/** Pings that were told before their slot was over. */
export function evaluateEarly(
	compiled: CompiledRule,
	state: RuleState,
	pop: string,
	lost: readonly boolean[],
	at: { readonly startSeconds: number; readonly stepSeconds: number },
): Evaluated {
	const { condition } = compiled.rule;
	if (condition.kind !== 'score' || !compiled.counts(pop))
		return { state, verdict: 'none', change: null, bad: nobody };
	const pings = { ...state.pings, [pop]: lostAfter(state.pings?.[pop] ?? '', lost, condition.of) };
	const verdicts = pingVerdicts(condition.failed, pings);
	const verdict = scoreVerdict(condition, verdicts.values());
	const { run, change } = advance(state.run, verdict, at.startSeconds, at.stepSeconds, compiled.counting);
	return { state: { ...state, pings, run }, verdict, change, bad: placesOf(verdicts) };
}

function pingVerdicts(failed: number, pings: Readonly<Record<string, string>>): ReadonlyMap<string, Verdict> {
	return new Map(Object.entries(pings).map(([pop, marks]) => [pop, marksVerdict(failed, marks)]));
}

function lookAtRoutes(compiled: CompiledRule, state: RuleState, slot: SlotSights): Seen {
	let routes = state.routes ?? {};
	const verdicts = eachPlace(compiled, slot, (sight, pop) => {
		const route = sight.route();
		if (route === null) return 'none';
		const { memory, verdict } = routeAfter(routes[pop] ?? null, route);
		if (memory !== routes[pop]) routes = { ...routes, [pop]: memory };
		return verdict;
	});
	return { state: routes === state.routes ? state : { ...state, routes }, verdicts };
}

function lookAtRounds(compiled: CompiledRule, state: RuleState, slot: SlotSights): Seen {
	const { pattern } = compiled;
	if (pattern === null) return { state, verdicts: new Map() };
	const rounds: Record<string, readonly Round[]> = { ...state.rounds };
	const verdicts = eachPlace(compiled, slot, (sight, pop) => {
		const round = roundOf(pattern.kind, sight);
		const gap = rounds[pop] === undefined ? 0 : Math.min(slot.missed ?? 0, pattern.roundsMax);
		const unknown: Round[] = Array(gap).fill('unknown');
		const all = [...(rounds[pop] ?? []), ...unknown, round].slice(-pattern.roundsMax);
		rounds[pop] = all;
		if (matches(pattern, all)) return 'bad';
		// A slot without any answer says nothing of times: an outage clears no alert of them.
		return round === 'unknown' || round === 'none' ? 'none' : 'good';
	});
	return { state: { ...state, rounds }, verdicts };
}

/** Losses in percent, medians in milliseconds. */
export function roundOf(kind: 'loss' | 'rtt', { isKnown, lossShare, medianSeconds }: Sight): Round {
	if (!isKnown || lossShare === null) return 'unknown';
	if (kind === 'loss') return scaled(lossShare, 100);
	return medianSeconds === null ? 'none' : scaled(medianSeconds, 1000);
}

/** Without the last digits of a product: 11 of 20 are 55 %, and not 55.00000000000001. */
function scaled(value: number, by: number): number {
	return Math.round(value * by * 1e9) / 1e9;
}
