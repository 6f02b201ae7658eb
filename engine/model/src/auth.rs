//! Who calls: tickets, CSRF tokens and API tokens. Tickets hold no state: they are signed with a key that
//! dies with the twin and with the cluster that made it.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use formats::names;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use sha2::Sha256;

use super::{
    access::Token,
    kind,
    rows::Key,
    stop::Stop,
    transaction::{Caller, Tx},
};

/// How long a ticket is good for, in seconds.
const LIFE: u64 = 7200;

const FAILED: &str = "Authentication failed!";

/// What a login gives.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The ticket.
    pub ticket: String,
    /// The token for every method but `GET`.
    pub csrf: String,
}

/// Who makes a request, from its headers.
///
/// # Errors
/// 401 in the API's words, or the rows' fault.
pub fn identify(tx: &mut Tx<'_>, method: &str, headers: &HeaderMap) -> Result<Caller, Stop> {
    if let Some(ticket) = cookie(headers) {
        let user = verify(tx, &ticket)?.ok_or_else(|| Stop::unauthorized(FAILED))?;
        if method != "GET" && !csrf_fits(tx, &user, headers)? {
            return Err(Stop::unauthorized("Permission denied - invalid csrf token"));
        }
        return Ok(Caller { id: user });
    }
    match token_header(headers) {
        Some(value) => by_token(tx, &value),
        None => Err(Stop::unauthorized("No ticket")),
    }
}

/// The ticket of a request, if it has one.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix("PVEAuthCookie="))
        .map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned())
        .filter(|ticket| !ticket.is_empty())
}

/// The value of the token header; `=` or a blank stands behind the scheme.
pub fn token_header(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let rest = value
        .strip_prefix("PVEAPIToken")?
        .strip_prefix(['=', ' '])?;
    Some(percent_decode_str(rest).decode_utf8_lossy().into_owned())
}

fn by_token(tx: &mut Tx<'_>, value: &str) -> Result<Caller, Stop> {
    let refused = || Stop::unauthorized(FAILED);
    let (id, secret) = value.split_once('=').ok_or_else(refused)?;
    let (user, _) = names::token_parts(id).ok_or_else(refused)?;
    let key = Key::new(tx.cluster()?, kind::TOKEN, id);
    let token: Token = tx.read(&key)?.ok_or_else(refused)?;
    let now = i64::try_from(tx.now.seconds()).unwrap_or(i64::MAX);
    let lives = token.expire == 0 || token.expire > now;
    if lives && token.secret.as_deref() == Some(secret) && tx.is_enabled(user)? {
        Ok(Caller { id: id.to_owned() })
    } else {
        Err(refused())
    }
}

/// Makes a ticket for a user whose password was right.
///
/// # Errors
/// The rows' fault.
pub fn issue(tx: &mut Tx<'_>, user: &str) -> Result<Ticket, Stop> {
    let time = format!("{:08X}", tx.now.seconds());
    let plain = format!("PVE:{user}:{time}");
    let signature = sign(tx, &plain)?;
    let csrf = sign(tx, &format!("csrf:{time}:{user}"))?;
    Ok(Ticket {
        ticket: format!("{plain}::{signature}"),
        csrf: format!("{time}:{csrf}"),
    })
}

/// The user of a ticket that is good.
///
/// # Errors
/// The rows' fault.
pub fn verify(tx: &mut Tx<'_>, ticket: &str) -> Result<Option<String>, Stop> {
    let Some((plain, signature)) = ticket.split_once("::") else {
        return Ok(None);
    };
    let mut parts = plain
        .strip_prefix("PVE:")
        .unwrap_or_default()
        .rsplitn(2, ':');
    let (Some(time), Some(user)) = (parts.next(), parts.next()) else {
        return Ok(None);
    };
    let fits = is_recent(tx, time) && sign(tx, plain)? == signature && outlived(tx, time)?;
    Ok(fits.then(|| user.to_owned()))
}

fn is_recent(tx: &Tx<'_>, time: &str) -> bool {
    u64::from_str_radix(time, 16).is_ok_and(|made| {
        // Five minutes ahead are taken, as clocks of nodes differ.
        made <= tx.now.seconds() + 300 && tx.now.seconds() < made + LIFE
    })
}

/// A ticket that is older than a restart of the cluster file system isn't taken while that goes on.
fn outlived(tx: &mut Tx<'_>, time: &str) -> Result<bool, Stop> {
    let made = u64::from_str_radix(time, 16).unwrap_or_default();
    let since = tx.restarting_since()?;
    Ok(since.is_none_or(|since| made >= since.seconds()))
}

fn csrf_fits(tx: &mut Tx<'_>, user: &str, headers: &HeaderMap) -> Result<bool, Stop> {
    let sent = headers
        .get("CSRFPreventionToken")
        .and_then(|value| value.to_str().ok());
    let Some((time, signature)) = sent.and_then(|value| value.split_once(':')) else {
        return Ok(false);
    };
    Ok(is_recent(tx, time) && sign(tx, &format!("csrf:{time}:{user}"))? == signature)
}

/// Signs with the key of the asked node's cluster; a node that joins another one changes its key.
fn sign(tx: &mut Tx<'_>, text: &str) -> Result<String, Stop> {
    let domain = tx.cluster()?;
    let key = tx.derive(&format!("ticket key/{}/{domain}", tx.config.id));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    Ok(STANDARD_NO_PAD.encode(mac.finalize().into_bytes()))
}
