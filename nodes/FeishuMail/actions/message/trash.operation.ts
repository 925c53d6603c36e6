import { trashOf } from './changes';
import { messages } from './messages';

export const trash = trashOf(messages);
