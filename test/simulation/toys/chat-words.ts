/** What a toy chat is made of. */

import type { MessageView, Reaction, Read, Whole } from "groupstream";
import { padded } from "../random.ts";

export interface Post {
  readonly tag: string;
  readonly author: string;
  text: string;
  edited: number;
  updated: number;
  readonly came: number;
  reactions: Reaction[];
}

export interface Channel {
  readonly id: string;
  name: string;
  readonly posts: Map<string, Post>;
  readonly deleted: Map<string, number>;
  hidden: boolean;
}

/** A post as the adapter shows it. */
export const wholeOf = (key: string, post: Post, read: Read): Whole => {
  const object: MessageView = {
    type: "Note",
    name: post.tag,
    ...(read.text !== "none" && { text: post.text }),
    attributedTo: { id: post.author },
    edition: padded(post.edited),
    ...(post.reactions.length > 0 && { reactions: [...post.reactions] }),
  };
  return {
    key,
    revision: String(post.updated),
    object,
    same: [{ id: `post:${key}`, within: "system", weight: "identity" }],
    came: new Date(post.came).toISOString(),
    order: padded(post.updated),
  };
};
