type Values = ReadonlyMap<string, string>;
type Rule = Readonly<Record<string, unknown>>;

/** An alert of SmokePing as a rule, or why there is no such rule. It holds only for orders that name it. */
export function ruleOf(values: Values): Rule | string {
	const condition = conditionOf(values);
	if (typeof condition === 'string') return condition;
	const comment = values.get('comment')?.replaceAll(/\s+/g, ' ');
	return { ...(comment ? { title: comment.slice(0, 200) } : {}), ...condition, named: true };
}

function conditionOf(values: Values): Rule | string {
	const [type, text = ''] = [values.get('type'), values.get('pattern')];
	if (type === 'loss' || type === 'rtt') return { pattern: { [type]: text } };
	if (type !== 'matcher') return `type ${type ?? '(none)'}: is not known`;
	const [, matcher = text, inner = ''] = /^(\w+)\((.*)\)$/.exec(text.trim()) ?? [];
	const given = new Map(
		inner.split(',').map((part) => {
			const [key = '', value = ''] = part.split('=>').map((word) => word.trim().replaceAll(/^'|'$/g, ''));
			return [key, value] as const;
		}),
	);
	const [limit, rounds] = [Number(given.get('l')), Number(given.get('x'))];
	const times = `${rounds} slots`;
	if (matcher === 'CheckLoss' && limit > 0 && rounds > 0)
		return { loss: { over: `${limit}%`, for: times, clear: times } };
	if (matcher === 'CheckLatency' && limit > 0 && rounds > 0)
		return { median: { over: `${limit}ms`, for: times, clear: times } };
	return `the matcher ${matcher} has no counterpart. See the conditions in docs/alerts.md`;
}
