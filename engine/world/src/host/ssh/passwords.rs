//! What a password opens: keyboard-interactive questions, or the password method itself.

use russh::{MethodKind, client::KeyboardInteractiveAuthResponse as Interactive};

use super::login::{Login, Step};
use crate::Secret;

/// How often a host may ask within one keyboard-interactive login.
const QUESTIONS: usize = 4;

impl Login<'_> {
    pub(super) async fn password(&mut self, password: &Secret) -> Result<Step, russh::Error> {
        if self.takes(MethodKind::KeyboardInteractive) {
            self.tried.push("keyboard-interactive".to_owned());
            match self.interactive(password).await? {
                Step::Refused => {}
                step => return Ok(step),
            }
        }
        if !self.takes(MethodKind::Password) {
            return Ok(Step::Refused);
        }
        self.tried.push("password".to_owned());
        let user = &self.hop.config.user;
        let result = self
            .handle
            .authenticate_password(user, password.expose())
            .await?;
        Ok(self.step(result))
    }

    /// Answers every hidden question with the password.
    async fn interactive(&mut self, password: &Secret) -> Result<Step, russh::Error> {
        let user = &self.hop.config.user;
        let mut said = self
            .handle
            .authenticate_keyboard_interactive_start(user, None)
            .await?;
        for _ in 0..QUESTIONS {
            match said {
                Interactive::Success => return Ok(Step::In),
                Interactive::Failure {
                    remaining_methods,
                    partial_success,
                } => {
                    return Ok(self.failed(remaining_methods, partial_success));
                }
                Interactive::InfoRequest { prompts, .. } => {
                    let answer = |echo: bool| if echo { "" } else { password.expose() };
                    let answers = prompts.iter().map(|prompt| answer(prompt.echo).to_owned());
                    let answers = answers.collect();
                    said = self
                        .handle
                        .authenticate_keyboard_interactive_respond(answers)
                        .await?;
                }
            }
        }
        Ok(Step::Refused)
    }
}
