import type { Operation } from '../../run/operation';
import { objectsIn } from '../message/message';
import { listSignatures, signaturesOf, type SignatureImage } from './signature';

/** Links are for whoever has them: they are not put out. */
const withoutLink = (image: SignatureImage): SignatureImage => {
	const shown = { ...image };
	delete shown.download_url;
	return shown;
};

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many signatures',
	description: 'List the signatures of a mailbox, and for which of its addresses they are the default',
	endpoints: [listSignatures],
	inFlight: 6,
	fields: [],
	async execute(item) {
		const { signatures, usages } = await signaturesOf(item);
		return signatures.map((signature) => ({
			...signature,
			images: objectsIn(signature.images).map(withoutLink),
			usages: usages.filter((usage) =>
				[usage.send_mail_signature_id, usage.reply_signature_id].includes(signature.id),
			),
		}));
	},
};
