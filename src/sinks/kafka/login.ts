import type { ProducerOptions } from '@platformatic/kafka';
import { readKafkaLogin } from '../../model/kafka-login.ts';
import { readSecret } from '../shared/secret-files.ts';
import type { KafkaSettings } from './settings.ts';

/** How we show who we are, and who has to answer. */
export type Login = Pick<ProducerOptions<Buffer, Buffer, Buffer, Buffer>, 'tls' | 'sasl'>;

/** Reads the files with secrets anew, so that they can be changed. Rejects with what the user is to see. */
export async function loginOf(entry: KafkaSettings): Promise<Login> {
	return readKafkaLogin(entry, readSecret);
}
