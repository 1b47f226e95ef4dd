import type { FactTable } from '../model/facts.ts';
import type { RuleContext } from '../reading/rule.ts';
import { readPattern } from './pattern.ts';

/** What rules are checked against, with what the probes declare. */
export function ruleContextOf(facts: FactTable): RuleContext {
	return {
		facts,
		checkPattern: (of, text) => {
			const read = readPattern(of, text);
			return 'fault' in read ? read.fault : null;
		},
	};
}
