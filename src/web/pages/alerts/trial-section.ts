import { timePoint } from '../../../model/time-point.ts';
import { notReplayedHolds } from '../../alerts/past-holds.ts';
import { RuleTrouble, ruleNames, ruleOfName } from '../../alerts/rule-files.ts';
import { type Trial, tryRule } from '../../alerts/trial.ts';
import { type Html, html } from '../html.ts';
import { counted, spanText, time } from '../order/words.ts';
import type { PageContext, Section } from '../page.ts';
import { named, orderLink, table } from './tables.ts';

const textMax = 500;
const usualSince = '-8d';
const barWidth = 300;

/** A rule against the past: `/alerts?rule=NAME&order=GLOB&since=-8d`. */
export const trialSection: Section = {
	...{ id: 'trial', page: 'alerts', order: 30, title: 'Try a rule' },
	render: async (context) => {
		const { parts, asked, nowSeconds } = context;
		const given = (name: string, usual: string) => (asked.query.get(name) ?? usual).slice(0, textMax);
		const [rule, order, since] = [given('rule', ''), given('order', ''), given('since', usualSince)];
		const names = ruleNames(parts.baseDir);
		if (names.length === 0 && rule === '')
			return html`<p class="soft">There are no rules yet. They are files in <code>alerts/</code> of the base directory; the packages bring some to begin with.</p>`;
		const form = html`<form class="bar" method="get" action="/alerts">
<label>Rule <select name="rule">${names.map(
			(name) => html`<option${name === rule ? html` selected` : null}>${name}</option>`,
		)}</select></label>
<label>Orders <input name="order" value="${order}" placeholder="all that it is for"></label>
<label>Since <input name="since" value="${since}" size="8"></label>
<button>Try</button></form>`;
		if (rule === '') return form;
		const from = timePoint(since, Math.floor(nowSeconds));
		if (from === null) return html`${form}<p class="trouble">Since: this is no point in time.</p>`;
		return html`${form}${await answerOf(context, rule, order, from)}`;
	},
};

async function answerOf({ parts }: PageContext, rule: string, order: string, from: number): Promise<Html> {
	try {
		const compiled = ruleOfName(parts.baseDir, rule, parts.facts);
		const { trials, left } = await tryRule(parts, compiled, order, from);
		if (trials.length === 0) return html`<p>It is for no order of which there is a past.</p>`;
		const titles = ['Order', 'When it would have fired', 'Raises', 'For', 'Looked back to', 'What'];
		return html`${table('What the rule would have done', titles, trials.map(rowOf))}
<p class="soft">Pale: held, and not told; ${notReplayedHolds}.</p>
${left > 0 && html`<p>${counted(left, 'order')} more are not shown.</p>`}`;
	} catch (error) {
		if (!(error instanceof RuleTrouble)) throw error;
		return html`<p class="trouble"><bdi>${error.message}</bdi></p>`;
	}
}

function rowOf({ id, past, fired, firingSeconds }: Trial): readonly Html[] {
	return [
		...[orderLink(id), bar(past, fired), html`${fired.length}`],
		html`${firingSeconds === 0 ? '-' : spanText(firingSeconds)}`,
		past === null ? html`no single slots` : time(past.fromSeconds),
		named(fired.at(-1)?.what ?? ''),
	];
}

/** Where in that time it would have fired. */
function bar(past: Trial['past'], fired: Trial['fired']): Html {
	if (past === null) return html`-`;
	const { fromSeconds, untilSeconds } = past;
	const at = (seconds: number) =>
		Math.round((barWidth * (seconds - fromSeconds)) / Math.max(1, untilSeconds - fromSeconds));
	const mark = (from: number, until: number, opacity: number) =>
		html`<rect x="${at(from)}" y="0" width="${Math.max(2, at(until) - at(from))}" height="12" fill="var(--loss-3)" opacity="${opacity}"/>`;
	const marks = fired.map(({ raisedSeconds, clearedSeconds, toldSeconds }) => {
		const until = clearedSeconds ?? untilSeconds;
		const toldAt = toldSeconds ?? until;
		return html`${toldAt > raisedSeconds && mark(raisedSeconds, toldAt, 0.45)}${toldSeconds !== null && mark(toldSeconds, until, 1)}`;
	});
	const held = fired.filter(({ heldBy }) => heldBy !== null).length;
	const label = `${counted(fired.length, 'time')}${held === 0 ? '' : `, ${held} of them held`}`;
	return html`<svg width="${barWidth}" height="12" viewBox="0 0 ${barWidth} 12" role="img" aria-label="${label}"><rect x="0" y="5" width="${barWidth}" height="2" fill="currentColor" opacity="0.3"/>${marks}</svg>`;
}
