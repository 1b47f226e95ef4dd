import { askAboutDaemon, askAboutOrders } from '../../memory/ask-daemon.ts';
import { type Asked, askForStatus as askForAll } from '../../memory/ask-socket.ts';
import { daemonAnswer } from '../../model/answers.ts';
import { type DaemonView, viewOf } from './daemon.ts';

/**
 * Asks for all that `status` shows. Never rejects.
 *
 * @param ofAll whether all orders are to be shown: of a few the files are read sooner
 */
export async function askForStatus(baseDir: string, ofAll: boolean): Promise<Asked<DaemonView>> {
	const whole = ofAll ? await askForAll(baseDir, readDaemon) : null;
	if (whole !== null && 'silence' in whole) return whole;
	if (whole !== null && whole.answer !== null) return { answer: viewOf(whole.answer, baseDir) };
	const [daemon, all] = await Promise.all([askAboutDaemon(baseDir), askAboutOrders(baseDir)]);
	if ('silence' in daemon) return daemon;
	if ('silence' in all) return all;
	return { answer: { daemon: daemon.answer, orders: new Map(all.answer.orders) } };
}

function readDaemon(told: unknown) {
	const { success, data } = daemonAnswer().safeParse(told);
	return success ? data : null;
}
