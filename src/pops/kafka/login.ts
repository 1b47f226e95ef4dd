import { readFile } from 'node:fs/promises';
import type { ConsumerOptions } from '@platformatic/kafka';
import { errnoWords, errorCode } from '../../model/errno.ts';
import { type KafkaLogin, readKafkaLogin } from '../../model/kafka-login.ts';

/** How we show who we are, and who has to answer. */
export type Login = Pick<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>, 'tls' | 'sasl'>;

/** Reads the files with secrets anew, so that they can be changed. Rejects with what the user is to see. */
export async function loginOf(login: KafkaLogin | undefined): Promise<Login> {
	if (login === undefined) return {};
	return readKafkaLogin(login, async (key, path) => {
		if (path === undefined) return undefined;
		try {
			return (await readFile(path, 'utf8')).trim();
		} catch (error) {
			const why = errnoWords[errorCode(error) as keyof typeof errnoWords] ?? (error as Error).message;
			throw new Error(`${key}: ${path}: ${why}`);
		}
	});
}
