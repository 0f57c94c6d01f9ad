/// Models and adapters from a hub.
///
/// A hub is a web server that keeps git repositories of models, as huggingface.co does. One question ([Listing]) turns
/// a name and a revision into a commit and its files; a few of them are chosen ([FileSelection]) and fetched one after
/// the other ([BlobFetch]) into the cache that Hugging Face's own tools use, too ([HubCache]). There a model is a
/// directory like any other, found by its name ([ModelPath]).
///
/// A network fails in many ways, and none of them may leave a broken model behind:
/// - what has arrived stays in a `.part` file named after the hash that it is to have, and the next attempt, or the
///   next process, goes on from there;
/// - a file gets its name when size and hash are right, a revision when all its files are there;
/// - every file is asked from the commit of the first answer, so a push in between cannot mix two states;
/// - the token goes to the hub alone ([HubHttp]) and into no message.
///
/// What may pass by itself is tried again ([Retries]); what a user has to repair is an
/// [HubInputException], everything else a [HubException].
///
/// The package knows files and not what is in them, the list of shards apart.
package dev.lorikeet.models.hub;
