/// Choices that cannot be.
///
/// The library says what was chosen, what is possible and what to do, in its own words ([ChoiceException]), and names
/// the choices that would help ([Remedy]). What a choice is called for a person, such as an option of a command, is
/// added by whoever asked that person.
package dev.lorikeet.models.choice;
