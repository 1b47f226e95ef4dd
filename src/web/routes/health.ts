import { answerText } from '../server/answers.ts';
import type { Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';

/** `/-/healthy`: the web server runs. `/-/ready`: it knows all orders: the daemon told them, or of a copy the files. */
export function healthRoutes({ heard }: WebParts): Route[] {
	return [
		{
			...{ method: 'GET', path: '/-/healthy', part: 'health', scope: 'read' },
			handle: ({ response }) => answerText(response, 200, 'pingmachine is healthy.\n'),
		},
		{
			...{ method: 'GET', path: '/-/ready', part: 'health', scope: 'read' },
			handle: ({ response }) => {
				const { isReady, silence } = heard();
				if (isReady) answerText(response, 200, 'pingmachine is ready.\n');
				else if (silence === null) answerText(response, 503, 'not all orders are known yet.\n');
				else answerText(response, 503, `the daemon does not answer: ${silence}.\n`);
			},
		},
	];
}
