//! ServerKeyExchange (RFC 5246 7.4.3, RFC 8422 5.4), and whether its signature was made with the key of the
//! certificate that went before it: the one check that tells a wrong private key from every other fault.

use nom::Parser;
use nom::bytes::complete::take;
use nom::combinator::recognize;
use nom::multi::length_data;
use nom::number::complete::{be_u8, be_u16};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::certificate::Key;
use super::describe::Malformed;

/// named_curve of ECCurveType (RFC 8422 5.4).
const NAMED_CURVE: u8 = 3;

/// What the server signed and how: elliptic curve parameters of TLS 1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedParameters {
    /// ServerECDHParams.
    pub parameters: Box<[u8]>,
    /// SignatureScheme (RFC 8446 4.2.3): hash and signature algorithm of TLS 1.2 have the same numbers.
    pub scheme: u16,
    /// The signature.
    pub signature: Box<[u8]>,
}

impl SignedParameters {
    /// Bytes of memory outside of it.
    #[must_use]
    pub const fn memory(&self) -> usize {
        self.parameters.len() + self.signature.len()
    }
}

/// Reads the body of a ServerKeyExchange of TLS 1.2 with an elliptic curve.
///
/// # Errors
/// [`Malformed`] when it is cut, or of another kind.
pub fn server_key_exchange(body: &[u8]) -> Result<SignedParameters, Malformed> {
    let cut = |_: nom::Err<nom::error::Error<&[u8]>>| Malformed::at("ServerKeyExchange", body.len());
    if body.first() != Some(&NAMED_CURVE) {
        return Err(Malformed::at("ECCurveType", 0));
    }
    let (rest, parameters) =
        recognize((take(3usize), length_data(be_u8::<&[u8], nom::error::Error<&[u8]>>))).parse(body).map_err(cut)?;
    let (_, (scheme, signature)) =
        (be_u16, length_data(be_u16::<&[u8], nom::error::Error<&[u8]>>)).parse(rest).map_err(cut)?;
    Ok(SignedParameters { parameters: parameters.into(), scheme, signature: signature.into() })
}

/// Whether `signed` was signed with the private half of `key`; `None` when the algorithm is one that is not checked.
/// `randoms` are those of the two hellos, the client's first (RFC 5246 7.4.3).
#[must_use]
pub fn fits(signed: &SignedParameters, key: &Key, randoms: &[[u8; 32]; 2]) -> Option<bool> {
    let algorithm = algorithm(signed.scheme, key)?;
    let message = [&randoms[0][..], &randoms[1], &signed.parameters].concat();
    if key.public.is_empty() {
        return None;
    }
    Some(UnparsedPublicKey::new(algorithm, &key.public).verify(&message, &signed.signature).is_ok())
}

/// RFC 8446 4.2.3. Hashes and sizes that are out of use are checked as well: a fault is a fault.
fn algorithm(scheme: u16, key: &Key) -> Option<&'static dyn VerificationAlgorithm> {
    let is_rsa = key.algorithm.raw() == "RSA" && (2048..=8192).contains(&key.bits);
    let curve = if key.algorithm.raw() == "EC" { key.bits } else { 0 };
    Some(match (scheme, is_rsa, curve) {
        (0x0201, true, _) => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (0x0401, true, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (0x0501, true, _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (0x0601, true, _) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (0x0804 | 0x0809, true, _) => &signature::RSA_PSS_2048_8192_SHA256,
        (0x0805 | 0x080a, true, _) => &signature::RSA_PSS_2048_8192_SHA384,
        (0x0806 | 0x080b, true, _) => &signature::RSA_PSS_2048_8192_SHA512,
        (0x0403, _, 256) => &signature::ECDSA_P256_SHA256_ASN1,
        (0x0503, _, 256) => &signature::ECDSA_P256_SHA384_ASN1,
        (0x0403, _, 384) => &signature::ECDSA_P384_SHA256_ASN1,
        (0x0503, _, 384) => &signature::ECDSA_P384_SHA384_ASN1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_signature() {
        let body = [3, 0, 23, 2, 0xaa, 0xbb, 4, 3, 0, 3, 1, 2, 3];
        let signed = server_key_exchange(&body).expect("whole");
        assert_eq!((&*signed.parameters, signed.scheme, &*signed.signature), (&body[..6], 0x0403, &body[10..]));
        for end in 0..body.len() {
            assert!(server_key_exchange(&body[..end]).is_err());
        }
        assert!(server_key_exchange(&[1, 0, 0]).is_err());
    }

    #[test]
    fn a_signature_of_noise_does_not_fit() {
        let signed = SignedParameters { parameters: [3].into(), scheme: 0x0401, signature: [0; 256].into() };
        let key = |bits, public: &[u8]| Key { algorithm: "RSA".into(), bits, public: public.into() };
        let randoms = [[0; 32]; 2];
        assert_eq!(fits(&signed, &key(2048, &[0x30, 0]), &randoms), Some(false));
        assert_eq!(fits(&signed, &key(1024, &[0x30, 0]), &randoms), None);
        assert_eq!(fits(&signed, &key(2048, &[]), &randoms), None);
    }
}
